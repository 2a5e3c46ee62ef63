#include "engine/message/liquid/context.h"
#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/moment.h"

namespace hongyan::liquid {
namespace {

// What is no date stays as it is.
Value date(Call& call) {
  const Options& options = call.context.options();
  const Text format = call.text_of(call.argument(0));
  if (format.view().empty()) return call.input;
  const Moment now = moment_at(options.now, options.utc_offset);
  std::optional<Moment> moment;
  if (const auto* seconds = call.input.as<std::int64_t>()) {
    moment = moment_of_seconds(*seconds, options.utc_offset);
  } else if (const auto* text = call.input.as<Text>()) {
    moment = parse_moment(text->view(), now);
  }
  if (!moment) return call.input;
  std::string out;
  format_moment(*moment, format.view(), out, call.context.memory_left());
  return call.made(std::move(out));
}

constexpr Filter kFilters[] = {{"date", date, 1, 1}};

}  // namespace

std::span<const Filter> date_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
