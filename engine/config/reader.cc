#include "engine/config/reader.h"

#include "base/duration.h"
#include "base/text.h"
#include "engine/config/checks.h"
#include "engine/config/names.h"
#include "scheduler/rate.h"

#include <utility>

namespace hongyan::config {
namespace {

std::string quoted(std::string_view key) {
  return "`" + escape_control(key) + "`";
}

}  // namespace

void Report::add(const std::string& key, std::string what, std::string hint) {
  std::string where = document;
  for (std::string path = key; !path.empty();) {
    if (const auto at = places.find(path); at != places.end()) {
      where = at->second;
      break;
    }
    const auto cut = path.find_last_of(".[");
    path.resize(cut == std::string::npos ? 0 : cut);
  }
  faults.push_back({std::move(where), quoted(key) + " " + std::move(what), std::move(hint)});
}

Reader::Reader(const Node& table, std::string path, Report& report)
    : table_(table), path_(std::move(path)), report_(report) {
  for (const auto& [key, child] : table.entries) report_.places[join(key)] = child.where;
}

std::string Reader::join(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Node* Reader::find(std::string_view key) {
  known_.emplace(key);
  const auto at = table_.entries.find(std::string(key));
  return at == table_.entries.end() ? nullptr : &at->second;
}

const Node* Reader::find(std::string_view key, Node::Kind kind) {
  const Node* node = find(key);
  return node != nullptr && is_kind(*node, kind, join(key)) ? node : nullptr;
}

bool Reader::is_kind(const Node& node, Node::Kind kind, const std::string& path) {
  if (node.kind == kind) return true;
  report_.add(path, "is " + std::string(kind_name(node.kind)) + "; " +
                        std::string(kind_name(kind)) + " is needed");
  return false;
}

bool Reader::passes(const std::string& text, Check check, const std::string& path) {
  std::string wrong = check(text);
  if (wrong.empty()) return true;
  report_.add(path, std::move(wrong));
  return false;
}

std::vector<const Node*> Reader::strings(std::string_view key, bool& present) {
  const Node* node = find(key, Node::Kind::kArray);
  present = node != nullptr;
  std::vector<const Node*> found;
  if (node == nullptr) return found;
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const std::string path = join(key) + "[" + std::to_string(i) + "]";
    report_.places[path] = node->items[i].where;
    if (is_kind(node->items[i], Node::Kind::kString, path)) found.push_back(&node->items[i]);
  }
  return found;
}

void Reader::field(std::string_view key, std::string& out, Check check) {
  const Node* node = find(key, Node::Kind::kString);
  if (node != nullptr && passes(node->text, check, join(key))) out = node->text;
}

void Reader::field(std::string_view key, std::vector<std::string>& out, Check check) {
  bool present = false;
  const auto nodes = strings(key, present);
  if (!present) return;
  out.clear();
  for (const Node* node : nodes)
    if (passes(node->text, check, join(key))) out.push_back(node->text);
}

void Reader::field(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most) {
  const Node* node = find(key, Node::Kind::kInteger);
  if (node == nullptr) return;
  if (node->integer >= least && node->integer <= most) {
    out = node->integer;
    return;
  }
  report_.add(join(key), "is " + std::to_string(node->integer) + "; a number from " +
                             std::to_string(least) + " to " + std::to_string(most) + " is needed");
}

void Reader::field(std::string_view key, int& out, std::int64_t least, std::int64_t most) {
  std::int64_t value = out;
  field(key, value, least, most);
  out = static_cast<int>(value);
}

void Reader::field(std::string_view key, std::vector<std::int64_t>& out, std::int64_t least,
                   std::int64_t most) {
  const Node* node = find(key, Node::Kind::kArray);
  if (node == nullptr) return;
  out.clear();
  for (const Node& item : node->items) {
    if (!is_kind(item, Node::Kind::kInteger, join(key))) return;
    if (item.integer < least || item.integer > most)
      report_.add(join(key), "has " + std::to_string(item.integer) + "; numbers from " +
                                 std::to_string(least) + " to " + std::to_string(most) +
                                 " are possible");
    out.push_back(item.integer);
  }
}

void Reader::field(std::string_view key, double& out, double least, double most) {
  const Node* node = find(key);
  if (node == nullptr) return;
  if (node->kind != Node::Kind::kInteger && !is_kind(*node, Node::Kind::kReal, join(key))) return;
  const double value =
      node->kind == Node::Kind::kInteger ? static_cast<double>(node->integer) : node->real;
  if (value >= least && value <= most) {
    out = value;
    return;
  }
  report_.add(join(key), "is out of range; a number from " + to_json(Node::of(least)) + " to " +
                             to_json(Node::of(most)) + " is needed");
}

void Reader::field(std::string_view key, bool& out) {
  if (const Node* node = find(key, Node::Kind::kBoolean)) out = node->boolean;
}

void Reader::field(std::string_view key, Millis& out, Millis least, Millis most) {
  const Node* node = find(key, Node::Kind::kString);
  if (node == nullptr) return;
  const auto parsed = parse_duration(node->text);
  if (!parsed) {
    report_.add(join(key), parsed.error().detail);
  } else if (*parsed < least || *parsed > most) {
    report_.add(join(key), "is " + node->text + "; a length of time from " +
                               format_duration(least) + " to " + format_duration(most) +
                               " is needed");
  } else {
    out = *parsed;
  }
}

void Reader::field(std::string_view key, std::vector<Millis>& out, Millis least, Millis most) {
  bool present = false;
  const auto nodes = strings(key, present);
  if (!present) return;
  out.clear();
  for (const Node* node : nodes) {
    const auto parsed = parse_duration(node->text);
    if (!parsed) {
      report_.add(join(key), parsed.error().detail);
    } else if (*parsed < least || *parsed > most) {
      report_.add(join(key), "has " + node->text + "; from " + format_duration(least) + " to " +
                                 format_duration(most) + " is possible");
    } else {
      out.push_back(*parsed);
    }
  }
  if (nodes.empty()) report_.add(join(key), "is empty; at least one length of time is needed");
}

void Reader::field(std::string_view key, MicroYuan& out) {
  const Node* node = find(key, Node::Kind::kString);  // a float would not be exact
  if (node == nullptr) return;
  const auto parsed = parse_yuan(node->text);
  if (!parsed) {
    report_.add(join(key), parsed.error().detail);
  } else if (parsed->value < 0 || parsed->value > 1'000'000'000) {
    report_.add(join(key), "is " + node->text + "; from 0 to 1000 yuan is possible");
  } else {
    out = *parsed;
  }
}

void Reader::field(std::string_view key, TlsMode& out) {
  std::optional<TlsMode> value;
  field(key, value);
  out = value.value_or(out);
}

void Reader::field(std::string_view key, std::optional<TlsMode>& out) {
  const Node* node = find(key, Node::Kind::kString);
  if (node == nullptr) return;
  if (const auto mode = find_tls_mode(node->text)) {
    out = mode;
  } else {
    report_.add(join(key), "is " + quoted(node->text) +
                               "; off, opportunistic, required or verified is needed");
  }
}

void Reader::field(std::string_view key, log::Level& out) {
  const Node* node = find(key, Node::Kind::kString);
  if (node == nullptr) return;
  if (const auto level = find_level(node->text)) {
    out = *level;
  } else {
    report_.add(join(key),
                "is " + quoted(node->text) + "; debug, info, warning or error is needed");
  }
}

void Reader::field(std::string_view key, Bilingual& out) {
  const Node* node = find(key, Node::Kind::kTable);
  if (node == nullptr) return;
  Reader text(*node, join(key), report_);
  text.required("en");
  text.field("en", out.en);
  text.required("zh");
  text.field("zh", out.zh);
  text.finish();
}

void Reader::field(std::string_view key, std::vector<scheduler::Rate>& out) {
  bool present = false;
  const auto nodes = strings(key, present);
  if (!present) return;
  out.clear();
  for (const Node* node : nodes) {
    const auto parsed = scheduler::parse_rate(node->text);
    if (parsed) {
      out.push_back(*parsed);
    } else {
      report_.add(join(key), parsed.error().detail);
    }
  }
}

void Reader::field(std::string_view key, Secret& out) {
  const std::string file_key = std::string(key) + "_file";
  const Node* value = find(key, Node::Kind::kString);
  const Node* file = find(file_key, Node::Kind::kString);
  if (value != nullptr && file != nullptr) {
    report_.add(join(key), "and " + quoted(file_key) + " are both given; one of them is needed");
  } else if (file != nullptr) {
    if (passes(file->text, check_not_empty, join(file_key))) out = Secret::from_file(file->text);
  } else if (value != nullptr) {
    if (value->text.starts_with(kEnvironment) && value->text.size() > kEnvironment.size()) {
      out = Secret::from_environment(value->text.substr(kEnvironment.size()));
    } else {  // the text may be the secret: it is not repeated
      report_.add(join(key), "must not hold the secret itself",
                  "write \"env:NAME\", or use `" + file_key + "`");
    }
  }
}

void Reader::required(std::string_view key) {
  if (find(key) == nullptr) report_.add(join(key), "is missing");
}

void Reader::finish() {
  const std::vector<std::string> known(known_.begin(), known_.end());
  for (const auto& [key, child] : table_.entries) {
    if (known_.contains(key)) continue;
    const auto near = nearest(key, known);
    report_.add(join(key), "is unknown", near ? "did you mean `" + *near + "`?" : "");
  }
}

}  // namespace hongyan::config
