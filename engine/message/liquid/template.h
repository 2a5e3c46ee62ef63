#pragma once

#include "base/clock.h"
#include "engine/message/liquid/node.h"
#include "engine/message/liquid/problems.h"
#include "engine/message/liquid/value.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::liquid {

// A fault of a template, or what went wrong when it was evaluated.
struct Complaint {
  std::string what;
  Place place;
  // "1:4: there is no filter `upper`, but `upcase`: near `{{ name | upper }}`"
  std::string sentence() const;
};

// Where a template's variables come from. Thread: as the render that asks.
class Data {
 public:
  virtual ~Data() = default;
  virtual std::optional<Value> find(std::string_view name) const = 0;
};

// The members of a JSON object, which must outlive this.
class JsonData : public Data {
 public:
  explicit JsonData(const Json& object) : members_(Value::of(object)) {}
  std::optional<Value> find(std::string_view name) const override;

 private:
  Value members_;
};

struct Limits {
  std::size_t steps = 400'000;                 // nodes, items, some bytes each
  std::size_t output = std::size_t{4} << 20;   // bytes
  std::size_t memory = std::size_t{32} << 20;  // bytes of all strings made on the way
};

struct Options {
  Limits limits;
  WallTime now;                        // of `date: "now"`
  std::chrono::minutes utc_offset{0};  // of dates that name none
  bool escapes_html = false;           // outputs, but for `raw` and what is escaped already
  // An output or an assignment of a variable that is not there, and no `default` in its filters,
  // is an error (otherwise it is nil). Conditions and loops may ask for any.
  bool refuses_unknown = false;
};

struct RenderError {
  enum class Kind : unsigned char { kTemplate, kUnknownVariable, kLimit };
  Kind kind = Kind::kTemplate;
  std::string variable;  // as written, of kUnknownVariable
  Complaint complaint;
};

// Compiled once, evaluated many times. Thread: any number of Sessions at once.
class Template {
 public:
  static std::expected<Template, std::vector<Complaint>> parse(std::string_view source);

  const std::vector<Node>& nodes() const { return body_.nodes; }
  std::string_view source() const { return *source_; }
  // A variable that the template itself sets: by assign, capture, increment...
  bool sets(std::string_view name) const;
  // `break` or `continue` outside of any loop ends the whole template.
  bool may_end_early() const { return may_end_early_; }

 private:
  std::unique_ptr<const std::string> source_;  // nodes hold views of it
  Body body_;
  std::vector<std::string_view> set_;
  bool may_end_early_ = false;
};

class Context;

// One evaluation of a template in pieces: what one piece assigns the next one sees. `parsed`,
// `data` and `options` must outlive it.
class Session {
 public:
  Session(const Template& parsed, const Data& data, const Options& options);
  ~Session();
  // Appends what nodes [first, last) write; false, and `out` of no use, when something went wrong.
  bool run(std::size_t first, std::size_t last, std::string& out);
  const RenderError& error() const;

 private:
  const Template& parsed_;
  std::unique_ptr<Context> context_;
};

std::expected<std::string, RenderError> render(const Template& parsed, const Data& data,
                                               const Options& options);

}  // namespace hongyan::liquid
