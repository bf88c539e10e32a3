#pragma once
// gateway/kafka_protocol/frame.hpp: an encoded message as pieces to be written one after the other, so that stored record batches go from
// the log to the connection without a copy.
//
//   own bytes: | size | header | ... partition 0, records' size |        | ... partition 1, records' size |        | ... |
//   records:                                                    | piece  |                                | piece  |

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "tenter/base/bytes.hpp"

namespace tenter::kafka_protocol {

/// Octets with whatever keeps them alive. Copies share them.
struct SharedBytes {
    BytesView bytes;
    std::shared_ptr<const void> owner;  ///< None: whoever made this promises that `bytes` outlive every copy.
};

/// Takes octets over, so that they live as long as a copy of the answer does.
[[nodiscard]] SharedBytes share(Bytes bytes);

/// The field type RECORDS: record batches as they are stored, in pieces that follow each other. Decoding yields one piece that lies in the
/// decoded bytes and borrows them.
struct Records {
    std::vector<SharedBytes> pieces;
    bool is_null = false;  ///< On the wire null differs from empty. Answers to Fetch have empty.

    [[nodiscard]] std::size_t size() const noexcept;
};

/// What a message was encoded to. Keeps all that it needs alive. Value type; copies share the records.
class Frame {
public:
    /// All octets on the wire, those of records included.
    [[nodiscard]] std::size_t size() const noexcept { return own_.size() + shared_size_; }
    /// The octets in order, none of the pieces empty: for gather writing. They live until this frame is moved, changed or destroyed.
    [[nodiscard]] std::vector<BytesView> pieces() const;
    /// All in one, copied: for small answers and tests.
    [[nodiscard]] Bytes joined() const;

    /// Where the writer puts its octets; they follow all that was there before.
    [[nodiscard]] Bytes& own() noexcept { return own_; }
    void append(SharedBytes bytes);
    /// Lives as long as the last copy of this frame.
    void keep(std::shared_ptr<const void> companion) { companion_ = std::move(companion); }

private:
    struct Insert {
        std::size_t before;  ///< Position in the own bytes.
        SharedBytes shared;
    };

    Bytes own_;
    std::vector<Insert> inserts_;
    std::size_t shared_size_ = 0;
    std::shared_ptr<const void> companion_;
};

}  // namespace tenter::kafka_protocol
