#include "engine/config/writer.h"

#include "base/duration.h"
#include "engine/config/config.h"
#include "engine/config/names.h"
#include "scheduler/rate.h"

namespace hongyan::config {

void Writer::field(std::string_view key, const std::string& value, Check) {
  if (!value.empty()) put(key, Node::of(value));
}

void Writer::field(std::string_view key, const std::vector<std::string>& value, Check) {
  Node node = Node::array();
  for (const std::string& item : value) node.items.push_back(Node::of(item));
  put(key, std::move(node));
}

void Writer::field(std::string_view key, std::int64_t value, std::int64_t, std::int64_t) {
  put(key, Node::of(value));
}

void Writer::field(std::string_view key, int value, std::int64_t, std::int64_t) {
  put(key, Node::of(std::int64_t{value}));
}

void Writer::field(std::string_view key, const std::vector<std::int64_t>& value, std::int64_t,
                   std::int64_t) {
  Node node = Node::array();
  for (const std::int64_t item : value) node.items.push_back(Node::of(item));
  put(key, std::move(node));
}

void Writer::field(std::string_view key, double value, double, double) {
  put(key, Node::of(value));
}

void Writer::field(std::string_view key, bool value) {
  put(key, Node::of(value));
}

void Writer::field(std::string_view key, Millis value, Millis, Millis) {
  put(key, Node::of(format_duration(value)));
}

void Writer::field(std::string_view key, const std::vector<Millis>& value, Millis, Millis) {
  Node node = Node::array();
  for (const Millis item : value) node.items.push_back(Node::of(format_duration(item)));
  put(key, std::move(node));
}

void Writer::field(std::string_view key, MicroYuan value) {
  put(key, Node::of(format_yuan(value)));
}

void Writer::field(std::string_view key, TlsMode value) {
  put(key, Node::of(std::string(tls_mode_name(value))));
}

void Writer::field(std::string_view key, const std::optional<TlsMode>& value) {
  if (value) field(key, *value);
}

void Writer::field(std::string_view key, log::Level value) {
  put(key, Node::of(std::string(level_name(value))));
}

void Writer::field(std::string_view key, const std::vector<scheduler::Rate>& value) {
  Node node = Node::array();
  for (const auto& rate : value) node.items.push_back(Node::of(scheduler::format_rate(rate)));
  put(key, std::move(node));
}

void Writer::field(std::string_view key, const Secret& value) {
  if (!value.is_set()) return;
  put(value.in_environment() ? std::string(key) : std::string(key) + "_file",
      Node::of(value.place()));
}

void Writer::url(std::string_view key, const std::string& value) {
  put(key, Node::of(mask_url(value)));
}

}  // namespace hongyan::config
