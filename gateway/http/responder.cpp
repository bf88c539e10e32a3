#include "gateway/http/server.hpp"

namespace tenter::http {

Responder::~Responder() {
    if (target_) target_->abandon(request_);
}

void Responder::send(Response response) && {
    if (const auto target = std::exchange(target_, nullptr)) target->answer(request_, std::move(response));
}

}  // namespace tenter::http
