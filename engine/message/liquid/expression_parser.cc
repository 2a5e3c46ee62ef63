#include "engine/message/liquid/expression_parser.h"

#include "base/text.h"
#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/number.h"

#include <algorithm>
#include <array>

namespace hongyan::liquid {
namespace {

using Kind = Token::Kind;
constexpr unsigned kMaxDepth = 50;

struct Named {
  std::string_view name;
  Value value;
};

const Value* literal_named(std::string_view name) {
  static const std::array<Named, 6> kLiterals{{
      {"nil", {}},
      {"null", {}},
      {"true", Value::boolean(true)},
      {"false", Value::boolean(false)},
      {"blank", Value(Value::Shared(Literal::kBlank))},
      {"empty", Value(Value::Shared(Literal::kEmpty))},
  }};
  const auto* found = std::ranges::find(kLiterals, name, &Named::name);
  return found == kLiterals.end() ? nullptr : &found->value;
}

Compare compare_of(std::string_view sign) {
  if (sign == "==") return Compare::kEqual;
  if (sign == "!=" || sign == "<>") return Compare::kUnequal;
  if (sign == "<") return Compare::kLess;
  if (sign == ">") return Compare::kGreater;
  if (sign == "<=") return Compare::kLessOrEqual;
  return sign == ">=" ? Compare::kGreaterOrEqual : Compare::kContains;
}

}  // namespace

const Token& ExpressionParser::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& ExpressionParser::take() {
  const Token& token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool ExpressionParser::accept(char punctuation) {
  if (!peek().is(punctuation)) return false;
  take();
  return true;
}

bool ExpressionParser::accept_name(std::string_view name) {
  if (!peek().is_name(name)) return false;
  take();
  return true;
}

bool ExpressionParser::expect(char punctuation) {
  return accept(punctuation) || fail_here(std::string("`") + punctuation + "`");
}

std::optional<std::string_view> ExpressionParser::name() {
  if (!peek().is(Kind::kName)) return std::nullopt;
  return take().text;
}

bool ExpressionParser::end() {
  return at_end() || fail_here("the end");
}

bool ExpressionParser::fail_here(std::string_view wanted) {
  const Token& token = peek();
  std::string what;
  if (token.is(Kind::kBad)) {
    const bool quote = token.text.front() == '"' || token.text.front() == '\'';
    what = quote ? "the quotes are never closed"
                 : "`" + std::string(token.text) + "` means nothing here";
  } else {
    what = std::string(wanted) + " is needed";
    if (token.is(Kind::kEnd)) {
      what += " before the end";
    } else if (token.is(Kind::kString)) {
      what += " instead of a string";
    } else {
      what += " instead of `" + std::string(token.text) + "`";
    }
  }
  return problems_.add(token.at, what);
}

std::string_view ExpressionParser::written_since(std::size_t begin) const {
  const Token& last = tokens_[at_ - 1];
  const std::size_t quotes = last.is(Kind::kString) ? 2 : 0;
  return source_.substr(begin, last.at + last.text.size() + quotes - begin);
}

bool ExpressionParser::expression(Expression& out) {
  const Token token = peek();
  out.at = token.at;
  if (depth_ >= kMaxDepth) return problems_.add(token.at, "is nested too deeply");
  switch (token.kind) {
    case Kind::kString:
      out.form = Value::borrowed(take().text);
      return true;
    case Kind::kNumber: {
      take();
      if (token.text.contains('.')) {
        out.form = Value::real(parse_real(token.text));
        return true;
      }
      const auto number = whole_integer(token.text);
      if (!number) return problems_.add(token.at, "the number is too large");
      out.form = Value::integer(*number);
      return true;
    }
    case Kind::kName:
    case Kind::kPunctuation:
      if (token.is('(')) return range(out);
      if (!token.is(Kind::kName) && !token.is('[')) break;
      return lookup(out);
    default:
      break;
  }
  return fail_here("a value");
}

bool ExpressionParser::range(Expression& out) {
  take();
  auto made = std::make_unique<RangeOf>();
  ++depth_;
  const bool first = expression(made->first);
  if (!first) return false;
  if (!peek().is(Kind::kRange)) return fail_here("`..`");
  take();
  if (!expression(made->last)) return false;
  --depth_;
  if (!expect(')')) return false;
  out.form = std::unique_ptr<const RangeOf>(std::move(made));
  return true;
}

bool ExpressionParser::lookup(Expression& out) {
  const std::size_t begin = peek().at;
  auto made = std::make_unique<Lookup>();
  ++depth_;
  if (accept('[')) {
    if (!expression(made->root) || !expect(']')) return false;
  } else {
    const Token root = take();
    made->root = {root.at, Value::borrowed(root.text)};
    const bool alone = !peek().is('.') && !peek().is('[');
    if (const Value* literal = literal_named(root.text); literal != nullptr && alone) {
      --depth_;
      out.form = *literal;
      return true;
    }
  }
  for (;;) {
    Lookup::Step step;
    if (accept('.')) {
      const Token key = peek();
      if (!key.is(Kind::kName)) return fail_here("a name");
      take();
      step.key = {key.at, Value::borrowed(key.text)};
      step.dotted = true;
    } else if (accept('[')) {
      if (!expression(step.key) || !expect(']')) return false;
    } else {
      break;
    }
    made->steps.push_back(std::move(step));
  }
  --depth_;
  made->written = written_since(begin);
  out.form = std::unique_ptr<const Lookup>(std::move(made));
  return true;
}

bool ExpressionParser::filtered(Filtered& out) {
  out.subject.at = peek().at;
  if (at_end()) return true;
  if (!expression(out.subject)) return false;
  while (accept('|')) {
    FilterCall call;
    if (!filter(call)) return false;
    out.has_default = out.has_default || call.filter->name == "default";
    out.filters.push_back(std::move(call));
  }
  return at_end() || fail_here("`|` or the end");
}

bool ExpressionParser::filter(FilterCall& out) {
  out.at = peek().at;
  const auto given = name();
  if (!given) return fail_here("the name of a filter");
  out.filter = find_filter(*given);
  if (accept(':') && !arguments(out)) return false;
  if (out.filter == nullptr) {
    std::string what = "there is no filter `" + std::string(*given) + "`";
    if (const auto close = nearest(*given, filter_names())) what += ", but `" + *close + "`";
    return problems_.add(out.at, what);
  }
  const std::string filter_name(out.filter->name);
  const std::size_t count = out.arguments.size();
  if (count < out.filter->least)
    return problems_.add(out.at, "`" + filter_name + "` needs " +
                                     (out.filter->least == 1 ? "an argument" : "two arguments"));
  if (count > out.filter->most)
    return problems_.add(out.at, "`" + filter_name + "` has too many arguments, at most " +
                                     std::to_string(out.filter->most));
  for (const auto& [key, value] : out.named)
    if (key != out.filter->named)
      return problems_.add(value.at,
                           "`" + filter_name + "` has no argument `" + std::string(key) + "`");
  return true;
}

bool ExpressionParser::arguments(FilterCall& out) {
  do {
    Expression value;
    if (peek().is(Kind::kName) && peek(1).is(':')) {
      const std::string_view key = take().text;
      take();
      if (!expression(value)) return false;
      out.named.emplace_back(key, std::move(value));
    } else {
      if (!expression(value)) return false;
      out.arguments.push_back(std::move(value));
    }
  } while (accept(','));
  return true;
}

bool ExpressionParser::condition(Condition& out) {
  for (;;) {
    Comparison next;
    if (!comparison(next)) return false;
    if (accept_name("and")) {
      next.joined = Joined::kAnd;
    } else if (accept_name("or")) {
      next.joined = Joined::kOr;
    }
    const bool more = next.joined != Joined::kEnd;
    out.push_back(std::move(next));
    if (!more) return at_end() || fail_here("`and`, `or` or the end");
  }
}

bool ExpressionParser::comparison(Comparison& out) {
  if (!expression(out.left)) return false;
  if (!peek().is(Kind::kCompare)) return true;
  out.compare = compare_of(take().text);
  return expression(out.right);
}

}  // namespace hongyan::liquid
