#pragma once

#include "base/bilingual.h"
#include "base/fault.h"
#include "engine/config/checks.h"
#include "engine/config/fleet.h"
#include "engine/config/local.h"
#include "engine/config/node.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::config {

// What reading has found so far: faults, and where each key stood ("channel.quality.price" →
// "hongyan.toml:12"), so that later checks can name the line.
struct Report {
  Faults faults;
  std::map<std::string, std::string> places;
  std::string document;  // stands for keys that are in no line

  // `key` may be missing from the file: then its nearest parent's place is named.
  void add(const std::string& key, std::string what, std::string hint = {});
};

// Reads one table into a struct: every call takes a key, and finish() refuses what no call asked
// for. A key that is absent leaves the value as it was.
class Reader {
 public:
  Reader(const Node& table, std::string path, Report& report);

  void field(std::string_view key, std::string& out, Check check = check_not_empty);
  void field(std::string_view key, std::vector<std::string>& out, Check check);
  void field(std::string_view key, int& out, std::int64_t least, std::int64_t most);
  void field(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most);
  void field(std::string_view key, std::vector<std::int64_t>& out, std::int64_t least,
             std::int64_t most);
  void field(std::string_view key, double& out, double least, double most);
  void field(std::string_view key, bool& out);
  void field(std::string_view key, Millis& out, Millis least, Millis most);
  void field(std::string_view key, std::vector<Millis>& out, Millis least, Millis most);
  void field(std::string_view key, MicroYuan& out);
  void field(std::string_view key, TlsMode& out);
  void field(std::string_view key, std::optional<TlsMode>& out);
  void field(std::string_view key, log::Level& out);
  void field(std::string_view key, Bilingual& out);  // { en = "...", zh = "..." }
  void field(std::string_view key, std::vector<scheduler::Rate>& out);
  // `key` = "env:NAME", or `key`_file = "PATH".
  void field(std::string_view key, Secret& out);
  void required(std::string_view key);
  void url(std::string_view key, std::string& out) { field(key, out, check_redis_url); }

  template <class T>
  void table(std::string_view key, T& out) {
    if (const Node* node = find(key, Node::Kind::kTable)) read_into(*node, join(key), out);
  }
  template <class T>
  void table(std::string_view key, std::optional<T>& out) {
    if (const Node* node = find(key, Node::Kind::kTable))
      read_into(*node, join(key), out.emplace());
  }
  template <class T>
  void tables(std::string_view key, std::map<std::string, T>& out, Check check) {
    const Node* node = find(key, Node::Kind::kTable);
    if (node == nullptr) return;
    for (const auto& [name, child] : node->entries) {
      const std::string path = join(key) + "." + name;
      report_.places[path] = child.where;
      if (is_kind(child, Node::Kind::kTable, path) && passes(name, check, path))
        read_into(child, path, out[name]);
    }
  }
  template <class T>
  void list(std::string_view key, std::vector<T>& out) {
    const Node* node = find(key, Node::Kind::kArray);
    if (node == nullptr) return;
    for (const Node& child : node->items) {
      const std::string path = join(key) + "[" + std::to_string(out.size()) + "]";
      report_.places[path] = child.where;
      if (is_kind(child, Node::Kind::kTable, path)) read_into(child, path, out.emplace_back());
    }
  }

  void finish();

 private:
  template <class T>
  void read_into(const Node& node, const std::string& path, T& out) {
    Reader reader(node, path, report_);
    describe(reader, out);
    reader.finish();
  }
  std::string join(std::string_view key) const;
  const Node* find(std::string_view key);
  const Node* find(std::string_view key, Node::Kind kind);
  bool is_kind(const Node& node, Node::Kind kind, const std::string& path);
  bool passes(const std::string& text, Check check, const std::string& path);
  // The items that are strings; the others are faults.
  std::vector<const Node*> strings(std::string_view key, bool& present);

  const Node& table_;
  std::string path_;
  Report& report_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace hongyan::config
