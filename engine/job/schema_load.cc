#include "engine/job/schema_node.h"

namespace hongyan::job {

class Schema::Loader {
 public:
  Node::Ptr node(const Json& json, const std::string& path) {
    auto node = std::make_unique<Node>();
    if (!json.is(Json::Kind::kObject)) {
      fault(path, "is " + std::string(json.kind_name()) + "; a schema object is needed");
      return node;
    }
    for (const auto& [key, value] : json.members())
      keyword(*node, key, value, join_path(path, key));
    return node;
  }
  Faults take() { return std::move(faults_); }

 private:
  void fault(const std::string& path, std::string what) {
    faults_.push_back({path, std::move(what), {}});
  }

  void keyword(Node& node, const std::string& key, const Json& value, const std::string& path) {
    for (const std::string_view annotation :
         {"$schema", "$id", "title", "format", "contentEncoding"})
      if (key == annotation) return;
    const auto bound = bounds(node, key);
    if (bound != nullptr) {
      if (!value.is(Json::Kind::kNumber)) return fault(path, "needs a number");
      *bound = value.as_double();
    } else if (key == "description") {
      node.description = value.text();
    } else if (key == "type") {
      node.types = value.is(Json::Kind::kString) ? std::vector{value.text()} : strings(value, path);
    } else if (key == "required") {
      node.required = strings(value, path);
    } else if (key == "properties") {
      for (const auto& [name, schema] : value.members())
        node.properties.emplace(name, this->node(schema, join_path(path, name)));
    } else if (key == "additionalProperties") {
      node.closed = value.is(Json::Kind::kBool) && !value.is_true();
      if (!value.is(Json::Kind::kBool)) node.additional = this->node(value, path);
    } else if (key == "propertyNames") {
      node.property_names = this->node(value, path);
    } else if (key == "items") {
      node.items = this->node(value, path);
    } else if (key == "enum") {
      node.allowed = value.items();
    } else if (key == "const") {
      node.allowed = {value};
    } else if (key == "anyOf" || key == "oneOf") {
      auto& branches = key == "anyOf" ? node.any_of : node.one_of;
      for (std::size_t i = 0; i < value.items().size(); ++i)
        branches.push_back(this->node(value.items()[i], path + "[" + std::to_string(i) + "]"));
      if (branches.empty()) fault(path, "needs a list of schemas");
    } else if (key == "pattern") {
      node.pattern = std::make_unique<const RE2>(value.text(), RE2::Quiet);
      if (!node.pattern->ok()) fault(path, "is no RE2 pattern: " + node.pattern->error());
    } else {
      fault(path, "is a keyword that is not enforced here");
    }
  }

  static std::optional<double>* bounds(Node& node, std::string_view key) {
    if (key == "minimum") return &node.value.least;
    if (key == "maximum") return &node.value.most;
    if (key == "minLength") return &node.length.least;
    if (key == "maxLength") return &node.length.most;
    if (key == "minItems") return &node.item_count.least;
    if (key == "maxItems") return &node.item_count.most;
    if (key == "minProperties") return &node.property_count.least;
    if (key == "maxProperties") return &node.property_count.most;
    return nullptr;
  }

  std::vector<std::string> strings(const Json& value, const std::string& path) {
    std::vector<std::string> out;
    for (const Json& item : value.items()) out.push_back(item.text());
    if (out.empty()) fault(path, "needs a list of strings");
    return out;
  }

  Faults faults_;
};

std::expected<Schema, Faults> Schema::load(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return std::unexpected(Faults{json.error()});
  Loader loader;
  auto root = loader.node(*json, "");
  if (Faults faults = loader.take(); !faults.empty()) return std::unexpected(std::move(faults));
  return Schema(std::move(root));
}

Schema::Schema(std::unique_ptr<const Node> root) : root_(std::move(root)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

std::string join_path(std::string_view parent, std::string_view key) {
  return parent.empty() ? std::string(key) : std::string(parent) + "." + std::string(key);
}

}  // namespace hongyan::job
