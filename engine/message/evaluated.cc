#include "engine/message/evaluated.h"

#include "base/json.h"
#include "base/list_value.h"
#include "base/text.h"
#include "engine/message/header.h"
#include "engine/message/slots.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <span>

namespace hongyan::message {
namespace {

class RecipientData : public liquid::Data {
 public:
  explicit RecipientData(std::span<const std::pair<std::string_view, std::string_view>> variables)
      : variables_(variables) {}

  std::optional<liquid::Value> find(std::string_view name) const override {
    const auto found =
        std::ranges::find(variables_, name, [](const auto& one) { return one.first; });
    if (found == variables_.end()) return std::nullopt;
    if (!is_json_value(found->second)) return liquid::Value::borrowed(found->second);
    const auto known = std::ranges::find(read_, name, &Read::name);
    if (known != read_.end()) return known->value;
    auto json = parse_json(json_of_value(found->second));
    if (!json) return std::nullopt;
    Read& one = read_.emplace_back(found->first, *std::move(json), liquid::Value());
    one.value = liquid::Value::of(one.json);
    return one.value;
  }

 private:
  // A value that is no string, read when it is first asked for.
  struct Read {
    std::string_view name;
    Json json;  // the value has views of it
    liquid::Value value;
  };
  std::span<const std::pair<std::string_view, std::string_view>> variables_;
  mutable std::deque<Read> read_;
};

Result<void> check_values(const Recipient& recipient) {
  for (const auto& [name, value] : recipient.variables)
    if (!is_ascii(value) && !is_valid_utf8(value))
      return std::unexpected(invalid_value(name, "is not valid UTF-8"));
  return {};
}

Error error_of(const liquid::RenderError& error, std::string_view where) {
  using Kind = liquid::RenderError::Kind;
  if (error.kind == Kind::kUnknownVariable) return unknown_variable(error.variable);
  return {Scope::kDelivery, error.kind == Kind::kLimit ? "template-limit" : "template-error",
          std::string(where) + ":" + error.complaint.sentence()};
}

liquid::Options options_of(const Recipient& recipient, const Evaluation& evaluation, bool html) {
  liquid::Options options;
  options.now = recipient.date;
  options.utc_offset = evaluation.utc_offset;
  options.escapes_html = html;
  options.refuses_unknown = !evaluation.accepts_unknown;
  return options;
}

}  // namespace

Result<void> evaluate(const std::vector<Evaluated>& templates, const Recipient& recipient,
                      const Evaluation& evaluation, std::string& text,
                      std::vector<std::string_view>& values) {
  if (auto good = check_values(recipient); !good) return good;
  const RecipientData data(recipient.variables);
  text.clear();
  std::vector<std::size_t> ends;
  for (const Evaluated& one : templates) {
    const liquid::Options options = options_of(recipient, evaluation, one.html);
    liquid::Session session(*one.parsed, data, options);
    for (const Evaluated::Piece& piece : one.pieces) {
      if (!session.run(piece.first, piece.last, text))
        return std::unexpected(error_of(session.error(), one.where));
      ends.push_back(text.size());
    }
  }
  // Only now: `text` may have moved while it grew.
  std::size_t begin = 0;
  auto end = ends.begin();
  for (const Evaluated& one : templates)
    for (const Evaluated::Piece& piece : one.pieces) {
      values[piece.slot] = std::string_view(text).substr(begin, *end - begin);
      begin = *end++;
    }
  return {};
}

Result<std::string> evaluate_text(std::string_view source, const Recipient& recipient,
                                  const Evaluation& evaluation) {
  const auto parsed = liquid::Template::parse(source);
  if (!parsed) return fail(Scope::kJob, "template-error", parsed.error().front().sentence());
  if (auto good = check_values(recipient); !good) return std::unexpected(good.error());
  const RecipientData data(recipient.variables);
  auto text = liquid::render(*parsed, data, options_of(recipient, evaluation, false));
  if (!text) return std::unexpected(error_of(text.error(), "template"));
  return *std::move(text);
}

}  // namespace hongyan::message
