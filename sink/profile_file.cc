#include "sink/profile_file.h"

#include "base/text.h"
#include "sink/command.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

namespace hongyan::sink {
namespace {

// "50ms", "2s"
std::optional<Millis> parse_span(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number(text.substr(0, digits));
  const auto unit = text.substr(digits);
  if (!number || *number > 86'400'000) return std::nullopt;
  const auto count = static_cast<std::int64_t>(*number);
  if (unit == "ms") return Millis(count);
  if (unit == "s") return Millis(count * 1000);
  return std::nullopt;
}

// "100/s", "5/min", "2000/h": messages per second
std::optional<double> parse_rate(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto number = parse_number(text.substr(0, slash));
  if (!number || *number == 0) return std::nullopt;
  const auto unit = text.substr(std::min(slash + 1, text.size()));
  const double seconds = unit == "s" ? 1 : unit == "min" ? 60 : unit == "h" ? 3600 : 0;
  if (seconds == 0) return std::nullopt;
  return static_cast<double>(*number) / seconds;
}

std::optional<std::pair<std::string, std::uint16_t>> parse_address(std::string_view text) {
  std::string_view host = text;
  std::string_view port = "0";
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = text.substr(1, close - 1);
    const auto after = text.substr(close + 1);
    if (!after.empty() && !after.starts_with(':')) return std::nullopt;
    if (!after.empty()) port = after.substr(1);
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
  }
  const auto number = parse_number(port);
  if (!number || *number > 65535) return std::nullopt;
  return std::pair(std::string(host.empty() ? "127.0.0.1" : host),
                   static_cast<std::uint16_t>(*number));
}

// Reads the tables of one profile, collecting faults with file:line.
class Reader {
 public:
  Reader(std::string name, Faults& faults) : name_(std::move(name)), faults_(faults) {}

  void read(const toml::table& table, Profile& profile) {
    for (const auto& [key, node] : table) {
      const std::string_view name = key.str();
      if (name == "listener" || name == "listen") continue;
      if (!read_key(name, node, profile)) unknown(key, kKeys);
    }
  }

  template <class T>
  bool get(const toml::node& node, T& into, const char* needed) {
    if (const auto value = node.value_exact<T>()) {
      into = *value;
      return true;
    }
    fault(node.source(), std::string("is not ") + needed);
    return false;
  }
  void fault(const toml::source_region& at, std::string what, std::string hint = {}) {
    faults_.push_back(
        {name_ + ':' + std::to_string(at.begin.line), std::move(what), std::move(hint)});
  }

 private:
  static inline const std::vector<std::string> kKeys{
      "seed",   "host",   "banner",    "style",       "latency", "always_421", "user",  "password",
      "offers", "limits", "addresses", "connections", "domains", "listener",   "listen"};

  bool read_key(std::string_view name, const toml::node& node, Profile& profile) {
    if (name == "seed")
      number(node, profile.seed);
    else if (name == "host")
      get(node, profile.host, "a text");
    else if (name == "banner")
      get(node, profile.banner, "a text");
    else if (name == "user")
      get(node, profile.user, "a text");
    else if (name == "password")
      get(node, profile.password, "a text");
    else if (name == "style")
      style(node, profile);
    else if (name == "latency")
      parsed(node, profile.latency, parse_span, "a time like \"50ms\"");
    else if (name == "always_421")
      always(node, profile);
    else if (name == "offers")
      offers(node, profile.offers);
    else if (name == "limits")
      limits(node, profile.limits);
    else if (name == "addresses")
      shares(node, profile.recipients, false);
    else if (name == "connections")
      shares(node, profile.connections, true);
    else if (name == "domains")
      domains(node, profile.domains);
    else
      return false;
    return true;
  }

  void unknown(const toml::key& key, const std::vector<std::string>& known) {
    const auto near = nearest(key.str(), known);
    fault(key.source(), "unknown key `" + std::string(key.str()) + '`',
          near ? "did you mean `" + *near + "`?" : "");
  }

  template <class T>
  void number(const toml::node& node, T& into) {
    std::int64_t value = 0;
    if (!get(node, value, "a whole number")) return;
    if (value < 0 || !std::in_range<T>(value))
      fault(node.source(), "is out of range");
    else
      into = static_cast<T>(value);
  }

  template <class T, class Parse>
  void parsed(const toml::node& node, T& into, Parse parse, const char* needed) {
    const auto text = node.value_exact<std::string>();
    const auto value = text ? parse(*text) : decltype(parse("")){};
    if (value)
      into = *value;
    else
      fault(node.source(), std::string("is not ") + needed);
  }

  void style(const toml::node& node, Profile& profile) {
    std::string name;
    if (!get(node, name, "a text")) return;
    if (style_of(name).name != name) {
      std::string names;
      for (const auto& known : style_names()) (names += names.empty() ? "" : ", ") += known;
      fault(node.source(), "unknown style `" + name + '`', "there are " + names);
      return;
    }
    profile.style = name;
  }

  void always(const toml::node& node, Profile& profile) {
    bool value = false;
    if (get(node, value, "true or false") && value)
      profile.connections.assign(1, {*parse_script("refuse-banner-421-4.3.2"), 1.0});
  }

  void offers(const toml::node& node, Offers& offers) {
    const std::pair<std::string_view, bool*> names[] = {
        {"PIPELINING", &offers.pipelining}, {"SIZE", &offers.size},
        {"8BITMIME", &offers.eight_bit},    {"SMTPUTF8", &offers.utf8},
        {"STARTTLS", &offers.starttls},     {"ENHANCEDSTATUSCODES", &offers.enhanced_codes},
        {"CHUNKING", &offers.chunking},     {"AUTH", &offers.auth}};
    const auto* list = node.as_array();
    if (list == nullptr) return fault(node.source(), "is not a list of texts");
    for (const auto& [name, flag] : names) *flag = false;
    for (const toml::node& item : *list) {
      std::string wanted;
      if (!get(item, wanted, "a text")) continue;
      const auto at = std::ranges::find(names, wanted, [](const auto& pair) { return pair.first; });
      if (at == std::end(names))
        fault(item.source(), "unknown extension `" + wanted + '`');
      else
        *at->second = true;
    }
  }

  void limits(const toml::node& node, Limits& limits) {
    static const std::vector<std::string> kNames{"connections",   "messages_per_connection",
                                                 "rate",          "recipients_per_message",
                                                 "message_bytes", "burst"};
    const auto* table = node.as_table();
    if (table == nullptr) return fault(node.source(), "is not a table");
    for (const auto& [key, value] : *table) {
      const std::string_view name = key.str();
      if (name == "connections")
        number(value, limits.connections);
      else if (name == "messages_per_connection")
        number(value, limits.messages_per_connection);
      else if (name == "recipients_per_message")
        number(value, limits.recipients_per_message);
      else if (name == "message_bytes")
        number(value, limits.message_bytes);
      else if (name == "rate")
        parsed(value, limits.messages_per_second, parse_rate, "a rate like \"100/s\"");
      else if (name == "burst") {
        std::uint32_t burst = 1;
        number(value, burst);
        limits.burst = std::max(1U, burst);
      } else {
        unknown(key, kNames);
      }
    }
  }

  void shares(const toml::node& node, std::vector<Share>& into, bool any_stage) {
    const auto* table = node.as_table();
    if (table == nullptr) return fault(node.source(), "is not a table of script = share");
    into.clear();
    double sum = 0;
    for (const auto& [key, value] : *table) {
      const auto part = value.is_number() ? value.value<double>() : std::nullopt;
      const auto script = script_at(key.str(), key.source(), any_stage);
      if (!part || *part < 0 || *part > 1)
        fault(value.source(), "is not a share between 0 and 1");
      else if (script)
        into.push_back({*script, *part});
      sum += part.value_or(0);
    }
    if (sum > 1.000001) fault(node.source(), "has shares of more than 1 together");
  }

  void domains(const toml::node& node, std::vector<DomainRule>& into) {
    const auto* table = node.as_table();
    if (table == nullptr) return fault(node.source(), "is not a table of domain = script");
    into.clear();
    for (const auto& [key, value] : *table) {
      std::string text;
      if (!get(value, text, "a text")) continue;
      if (auto script = script_at(text, value.source(), false))
        into.push_back({ascii_lower(key.str()), std::move(*script)});
    }
  }

  std::optional<Script> script_at(std::string_view text, const toml::source_region& at,
                                  bool any_stage) {
    auto script = parse_script(text);
    if (!script) {
      fault(at, "unknown script `" + std::string(text) + '`', "bounce-550-5.1.1, drop-data, ...");
      return std::nullopt;
    }
    const bool of_recipient = script->stage == Stage::kRcpt || script->stage == Stage::kData ||
                              script->stage == Stage::kContent;
    if (!any_stage && !of_recipient) {
      fault(at, "`" + std::string(text) + "` cannot depend on a recipient",
            "put it under [connections]");
      return std::nullopt;
    }
    return script;
  }

  std::string name_;
  Faults& faults_;
};

}  // namespace

std::expected<std::vector<Listener>, Faults> parse_listeners(
    const std::vector<std::string>& addresses, std::string_view profile, const std::string& name) {
  Faults faults;
  std::vector<Listener> listeners;
  Listener base;
  Reader reader(name, faults);
  toml::table table;
  try {
    table = toml::parse(profile, name);
  } catch (const toml::parse_error& error) {
    reader.fault(error.source(), std::string(error.description()));
    return std::unexpected(std::move(faults));
  }
  reader.read(table, base.profile);
  const auto add = [&](Listener listener, std::string_view address, const std::string& where) {
    if (auto at = parse_address(address)) {
      std::tie(listener.address, listener.port) = std::move(*at);
      listeners.push_back(std::move(listener));
    } else {
      faults.push_back({where, "`" + std::string(address) + "` is not ADDR[:PORT]", ""});
    }
  };
  for (const std::string& address : addresses) add(base, address, "--listen");
  if (const auto* node = table.get("listener")) {
    const auto* list = node->as_array();
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto* own = list->get(i)->as_table();
      if (own == nullptr) continue;
      Listener listener = base;
      reader.read(*own, listener.profile);
      const auto address = own->get("listen");
      std::string text = "127.0.0.1";
      if (address != nullptr && !reader.get(*address, text, "a text")) continue;
      add(std::move(listener), text, name + ':' + std::to_string(own->source().begin.line));
    }
    if (list == nullptr) reader.fault(node->source(), "is not a list: write [[listener]]");
  }
  if (listeners.empty()) listeners.push_back(std::move(base));
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return listeners;
}

std::expected<std::vector<Listener>, Faults> make_listeners(
    const std::vector<std::string>& addresses, const std::string& profile_file) {
  std::ostringstream text;
  if (!profile_file.empty()) {
    std::ifstream file(profile_file);
    if (!file) return std::unexpected(Faults{{profile_file, "cannot be read", ""}});
    if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  }
  return parse_listeners(addresses, text.view(), profile_file);
}

}  // namespace hongyan::sink
