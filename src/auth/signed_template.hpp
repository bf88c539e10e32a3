#pragma once
// src/auth/signed_template.hpp: `signed = "{timestamp}.{body}"`, read once, filled in for each request without copying.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::auth {

enum class TemplatePart : std::uint8_t { literal, id, timestamp, body, method, url, path, query, secret, header };

/// What a template is filled with. Views of a request, and of one key's secret.
struct TemplateValues {
    const HttpRequestView& request;
    std::string_view id;
    std::string_view timestamp;
    BytesView secret;
};

/// The pieces of one signed text, in order.
class TextPieces {
public:
    void add(BytesView piece) noexcept { pieces_[count_++] = piece; }
    [[nodiscard]] std::span<const BytesView> view() const noexcept { return {pieces_.data(), count_}; }

    static constexpr std::size_t capacity = 32;

private:
    std::array<BytesView, capacity> pieces_;
    std::size_t count_ = 0;
};

class SignedTemplate {
public:
    /// `invalid_input` for an unknown or unclosed placeholder (with its offset) and for more than 16 parts.
    [[nodiscard]] static Result<SignedTemplate> compile(std::string_view text);

    [[nodiscard]] bool uses(TemplatePart part) const noexcept;
    /// `unauthenticated` where the request lacks what the template names (a header, the public URL) or has a header twice.
    [[nodiscard]] Result<TextPieces> fill(const TemplateValues& values) const;

private:
    struct Part {
        TemplatePart kind = TemplatePart::literal;
        std::string text;  ///< A literal, or a header's name.
    };
    [[nodiscard]] Result<void> add(Part part);

    static constexpr std::size_t max_parts = TextPieces::capacity / 2;  // {url} makes two pieces
    std::vector<Part> parts_;
};

/// The one header of that name, not empty; else `unauthenticated`, which says which it is and what is wrong.
[[nodiscard]] Result<std::string_view> single_header(HeaderViews headers, std::string_view name);

}  // namespace tenter::auth
