#pragma once

#include "engine/config/checks.h"
#include "engine/config/fleet.h"
#include "engine/config/local.h"
#include "engine/config/node.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::config {

// Writes a struct into a table, the mirror of Reader: what it writes, Reader reads back. Unset
// options and empty texts are left out. No secret passes: only its place is written.
class Writer {
 public:
  void field(std::string_view key, const std::string& value, Check);
  void field(std::string_view key, const std::vector<std::string>& value, Check);
  void field(std::string_view key, std::int64_t value, std::int64_t, std::int64_t);
  void field(std::string_view key, int value, std::int64_t, std::int64_t);
  void field(std::string_view key, const std::vector<std::int64_t>& value, std::int64_t,
             std::int64_t);
  void field(std::string_view key, double value, double, double);
  void field(std::string_view key, bool value);
  void field(std::string_view key, Millis value, Millis, Millis);
  void field(std::string_view key, const std::vector<Millis>& value, Millis, Millis);
  void field(std::string_view key, MicroYuan value);
  void field(std::string_view key, TlsMode value);
  void field(std::string_view key, const std::optional<TlsMode>& value);
  void field(std::string_view key, log::Level value);
  void field(std::string_view key, const std::vector<scheduler::Rate>& value);
  void field(std::string_view key, const Secret& value);
  void required(std::string_view) {}
  void url(std::string_view key, const std::string& value);

  template <class T>
  void table(std::string_view key, T& value) {
    put(key, written(value));
  }
  template <class T>
  void table(std::string_view key, const std::optional<T>& value) {
    if (value) put(key, written(*value));
  }
  template <class T>
  void tables(std::string_view key, const std::map<std::string, T>& values, Check) {
    Node node;
    for (const auto& [name, value] : values) node.entries.emplace(name, written(value));
    put(key, std::move(node));
  }
  template <class T>
  void list(std::string_view key, const std::vector<T>& values) {
    Node node = Node::array();
    for (const T& value : values) node.items.push_back(written(value));
    put(key, std::move(node));
  }

  Node take() { return std::move(node_); }

 private:
  template <class T>
  static Node written(T& value) {
    Writer writer;
    describe(writer, value);
    return writer.take();
  }
  void put(std::string_view key, Node node) {
    node_.entries.insert_or_assign(std::string(key), std::move(node));
  }

  Node node_;
};

}  // namespace hongyan::config
