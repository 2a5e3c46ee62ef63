#include "engine/job/campaign.h"

#include "engine/job/canonical.h"
#include "engine/job/schema.h"

#include <toml++/toml.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace hongyan::job {
namespace {

class Converter {
 public:
  explicit Converter(Campaign& out) : out_(out) {}

  Json node(const toml::node& node, const std::string& path) {
    out_.lines.emplace(path, static_cast<int>(node.source().begin.line));
    if (const auto* table = node.as_table()) {
      Json json = Json::object();
      for (const auto& [key, value] : *table) {
        const std::string name(key.str());
        const std::string at = join_path(path, name);
        out_.lines.emplace(at, static_cast<int>(key.source().begin.line));
        json.set(name, this->node(value, at));
      }
      return json;
    }
    if (const auto* array = node.as_array()) {
      Json json = Json::array();
      for (std::size_t i = 0; i < array->size(); ++i)
        json.push(this->node(*array->get(i), path + "[" + std::to_string(i) + "]"));
      return json;
    }
    if (const auto* text = node.as_string()) return Json::string(text->get());
    if (const auto* number = node.as_integer()) return Json::number(std::to_string(number->get()));
    if (const auto* flag = node.as_boolean()) return Json::boolean(flag->get());
    if (const auto* real = node.as_floating_point()) {
      if (std::isfinite(real->get())) return Json::number(ecmascript_number(real->get()));
      faults_.push_back({path, "is no finite number", {}});
      return {};
    }
    // Dates and times: TOML writes them as RFC 3339 does.
    std::ostringstream text;
    if (const auto* at = node.as_date_time()) text << at->get();
    if (const auto* at = node.as_date()) text << at->get();
    if (const auto* at = node.as_time()) text << at->get();
    return Json::string(text.str());
  }
  Faults take() { return std::move(faults_); }

 private:
  Campaign& out_;
  Faults faults_;
};

// text_file becomes text; `source` stands at `path`, `made` is it without its files.
void take_file(Campaign& campaign, const Json& source, const std::string& path,
               const std::string& key, const FileReader& read_file, Json& made, Faults& faults) {
  const Json* name = source.find(key + "_file");
  if (name == nullptr) return;
  const std::string where = join_path(path, key + "_file");
  if (!name->is(Json::Kind::kString)) {
    faults.push_back({where, "is " + std::string(name->kind_name()) + "; a string is needed", {}});
  } else if (source.find(key) != nullptr) {
    faults.push_back({where, "stands beside `" + key + "`", "one of them is enough"});
  } else if (auto text = read_file(name->text())) {
    made.set(key, Json::string(std::move(*text)));
    campaign.lines.emplace(join_path(path, key), campaign.lines[where]);
  } else {
    faults.push_back({where, text.error().detail, {}});
  }
}

Json with_files(Campaign& campaign, const Json& source, const std::string& path,
                const FileReader& read_file, Faults& faults) {
  Json made = Json::object();
  for (const auto& [key, value] : source.members())
    if (key != "text_file" && key != "html_file") made.set(key, value);
  for (const std::string key : {"text", "html"})
    take_file(campaign, source, path, key, read_file, made, faults);
  return made;
}

// The templates of a campaign's variants, and of a follow-up plan's steps and their variants.
void lists_with_files(Campaign& campaign, const Json& source, const std::string& path,
                      const FileReader& read_file, Json& made, Faults& faults) {
  for (const std::string name : {"variants", "steps"}) {
    const Json* written = source.find(name);
    if (written == nullptr || !written->is(Json::Kind::kArray)) continue;
    Json list = Json::array();
    for (std::size_t i = 0; i < written->items().size(); ++i) {
      const Json& one = written->items()[i];
      const std::string at = join_path(path, name) + "[" + std::to_string(i) + "]";
      Json whole = one;
      if (one.is(Json::Kind::kObject)) {
        whole = with_files(campaign, one, at, read_file, faults);
        lists_with_files(campaign, one, at, read_file, whole, faults);
      }
      list.push(std::move(whole));
    }
    made.set(name, std::move(list));
  }
}

Result<std::string> read_whole_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || (in.peek() != std::ifstream::traits_type::eof() && !(text << in.rdbuf())))
    return fail(Scope::kProcess, "unreadable-file", "cannot read " + path.string());
  return text.str();
}

}  // namespace

Faults Campaign::locate(Faults faults) const {
  for (Fault& fault : faults) {
    // Of a.b[3].c the nearest thing that stands in the file.
    std::string path = fault.where;
    auto line = lines.find(path);
    while (line == lines.end() && !path.empty()) {
      const auto cut = path.find_last_of(".[");
      path.resize(cut == std::string::npos ? 0 : cut);
      line = path.empty() ? lines.end() : lines.find(path);
    }
    const std::string where = fault.where;
    fault.where = line == lines.end() ? file : file + ":" + std::to_string(line->second);
    fault.what = where + " " + fault.what;
  }
  return faults;
}

std::expected<Campaign, Faults> parse_campaign(std::string_view toml_text, std::string_view file,
                                               const FileReader& read_file) {
  Campaign campaign;
  campaign.file = file;
  Converter converter(campaign);
  // toml++ reports by exception, as its build in Debian is configured; none leaves this function.
  try {
    campaign.document = converter.node(toml::parse(toml_text, file), "");
  } catch (const toml::parse_error& error) {
    return std::unexpected(Faults{{campaign.file + ":" + std::to_string(error.source().begin.line),
                                   std::string(error.description()),
                                   {}}});
  }
  Faults faults = converter.take();
  const Json written = std::move(campaign.document);
  Json document = with_files(campaign, written, "", read_file, faults);
  if (written.find("v") == nullptr) document.set("v", Json::number("1"));
  lists_with_files(campaign, written, "", read_file, document, faults);
  if (!faults.empty()) return std::unexpected(campaign.locate(std::move(faults)));
  campaign.document = std::move(document);
  return campaign;
}

std::expected<Campaign, Faults> load_campaign(const std::string& path) {
  const auto text = read_whole_file(path);
  if (!text) return std::unexpected(Faults{{path, text.error().detail, {}}});
  const auto folder = std::filesystem::path(path).parent_path();
  return parse_campaign(*text, path,
                        [&](const std::string& name) { return read_whole_file(folder / name); });
}

}  // namespace hongyan::job
