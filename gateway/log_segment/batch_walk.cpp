#include "gateway/log_segment/batch_walk.hpp"

#include <utility>

namespace tenter::log {

bool BatchWalk::stop(std::string why) {
    fault_ = std::move(why);
    return false;
}

Result<bool> BatchWalk::step() {
    fault_.clear();
    bytes_.resize(batch_header_size);
    const auto got = file_.pread(bytes_, position_);
    if (!got) return fail(got.error());
    if (*got == 0) return false;
    const auto header = parse_batch_header(BytesView(bytes_).substr(0, *got));
    if (!header) return stop(header.error().message);
    if (header->base_offset.value != next_) {
        return stop("the batch begins at offset " + std::to_string(header->base_offset.value) + " instead of " + std::to_string(next_));
    }
    // A damaged length must not make us ask for memory that the file cannot fill.
    const auto size = file_.size();
    if (!size) return fail(size.error());
    if (header->total_size > *size - position_) return stop("the batch ends behind the end of the file");
    bytes_.resize(header->total_size);
    if (auto read = read_exactly(file_, bytes_, position_); !read) return fail(std::move(read.error()));
    if (const auto checked = check_batch(bytes_); !checked) return stop(checked.error().message);
    batch_ = *header;
    position_ += header->total_size;
    next_ = header->next_offset().value;
    const std::int64_t newest = header->max_timestamp.time_since_epoch().count();
    if (max_offset_ < 0 || newest > max_timestamp_) {
        max_timestamp_ = newest;
        max_offset_ = header->last_offset.value;
    }
    return true;
}

}  // namespace tenter::log
