#pragma once
// gateway/log_segment/batch_walk.hpp: a walk over one segment file that believes nothing: every batch is checked and must follow the last.

#include <cstdint>
#include <string>

#include "gateway/log/record_batch.hpp"
#include "gateway/log_segment/checkpoint.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

class BatchWalk {
public:
    /// `file` must outlive the walk.
    BatchWalk(const File& file, std::int64_t base_offset) : file_(file), next_(base_offset) {}

    /// Steps over the next batch; false at the end of the file, or at a batch that is not valid here: then `fault` says why. An error is
    /// one of the disk.
    [[nodiscard]] Result<bool> step();

    /// Of the batch that was stepped over last.
    [[nodiscard]] const BatchHeader& batch() const noexcept { return batch_; }
    [[nodiscard]] std::uint64_t position() const noexcept { return position_; }  ///< Behind it.
    [[nodiscard]] std::int64_t next_offset() const noexcept { return next_; }    ///< Behind it.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
    /// The segment as far as it was walked, as the active one of its partition.
    [[nodiscard]] PartitionCheckpoint checkpoint(std::int64_t log_start, std::int64_t base) const noexcept {
        return {log_start, next_, base, position_, max_timestamp_, max_offset_};
    }

private:
    bool stop(std::string why);

    const File& file_;
    std::uint64_t position_ = 0;
    std::int64_t next_ = 0;
    std::int64_t max_timestamp_ = 0;
    std::int64_t max_offset_ = -1;
    BatchHeader batch_;
    Bytes bytes_;
    std::string fault_;
};

}  // namespace tenter::log
