#include "src/auth/signed_template.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tenter::auth {
namespace {

struct Placeholder {
    std::string_view name;
    TemplatePart part;
};
constexpr std::array placeholders{
    Placeholder{"id", TemplatePart::id},       Placeholder{"timestamp", TemplatePart::timestamp},
    Placeholder{"body", TemplatePart::body},   Placeholder{"method", TemplatePart::method},
    Placeholder{"url", TemplatePart::url},     Placeholder{"path", TemplatePart::path},
    Placeholder{"query", TemplatePart::query}, Placeholder{"secret", TemplatePart::secret},
};
constexpr std::string_view header_prefix = "header:";

std::optional<TemplatePart> find_placeholder(std::string_view name) {
    const auto found = std::ranges::find(placeholders, name, &Placeholder::name);
    return found == placeholders.end() ? std::nullopt : std::optional(found->part);
}

std::unexpected<Error> bad_template(std::string_view what, std::size_t offset) {
    return fail(Errc::invalid_input, "signed: " + std::string(what) + " at byte " + std::to_string(offset));
}

}  // namespace

Result<std::string_view> single_header(HeaderViews headers, std::string_view name) {
    const auto value = find_header(headers, name);
    if (!value) return fail(Errc::unauthenticated, "header " + std::string(name) + " is missing");
    if (value->empty()) return fail(Errc::unauthenticated, "header " + std::string(name) + " is empty");
    if (count_headers(headers, name) > 1) return fail(Errc::unauthenticated, "header " + std::string(name) + " occurs more than once");
    return *value;
}

Result<void> SignedTemplate::add(Part part) {
    if (parts_.size() == max_parts) return fail(Errc::invalid_input, "signed: more than 16 parts");
    parts_.push_back(std::move(part));
    return {};
}

Result<SignedTemplate> SignedTemplate::compile(std::string_view text) {
    SignedTemplate compiled;
    for (std::size_t i = 0; i < text.size();) {
        Part part;
        const std::size_t start = i;
        if (text[i] != '{') {
            i = std::min(text.find('{', i), text.size());
            part.text = text.substr(start, i - start);
        } else {
            const auto close = text.find('}', i);
            if (close == std::string_view::npos) return bad_template("'{' without '}'", start);
            const std::string_view name = text.substr(i + 1, close - i - 1);
            i = close + 1;
            if (const auto known = find_placeholder(name)) {
                part.kind = *known;
            } else if (name.starts_with(header_prefix) && name.size() > header_prefix.size()) {
                part = {.kind = TemplatePart::header, .text = std::string(name.substr(header_prefix.size()))};
            } else {
                return bad_template("unknown placeholder {" + std::string(name) +
                                        "} (known: {id} {timestamp} {body} {method} {url} {path} {query} {secret} {header:NAME})",
                                    start);
            }
        }
        if (auto added = compiled.add(std::move(part)); !added) return fail(std::move(added.error()));
    }
    return compiled;
}

bool SignedTemplate::uses(TemplatePart part) const noexcept { return std::ranges::find(parts_, part, &Part::kind) != parts_.end(); }

Result<TextPieces> SignedTemplate::fill(const TemplateValues& values) const {
    TextPieces pieces;
    for (const auto& part : parts_) {
        switch (part.kind) {
            case TemplatePart::literal: pieces.add(part.text); break;
            case TemplatePart::id: pieces.add(values.id); break;
            case TemplatePart::timestamp: pieces.add(values.timestamp); break;
            case TemplatePart::body: pieces.add(values.request.body); break;
            case TemplatePart::method: pieces.add(values.request.method); break;
            case TemplatePart::path: pieces.add(target_path(values.request.target)); break;
            case TemplatePart::query: pieces.add(target_query(values.request.target)); break;
            case TemplatePart::secret: pieces.add(values.secret); break;
            case TemplatePart::url:
                if (values.request.origin.empty())
                    return fail(Errc::unauthenticated, "the signature covers the URL, and the public address of this server is not known");
                pieces.add(values.request.origin);
                pieces.add(values.request.target);
                break;
            case TemplatePart::header: {
                const auto value = single_header(values.request.headers, part.text);
                if (!value) return fail(Error(value.error()));
                pieces.add(*value);
                break;
            }
        }
    }
    return pieces;
}

}  // namespace tenter::auth
