// The files in configs/providers: well formed, and they know the hosts of the receivers they name.
#include "dns/provider.h"
#include "dns/wire.h"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <filesystem>
#include <map>
#include <regex>
#include <set>

namespace hongyan::dns {
namespace {

struct File {
  std::string stem;
  toml::table table;
};

const std::vector<File>& files() {
  static const std::vector<File> loaded = [] {
    std::vector<File> out;
    for (const auto& entry : std::filesystem::directory_iterator(HONGYAN_PROVIDERS))
      if (entry.path().extension() == ".toml")
        out.push_back({entry.path().stem().string(), toml::parse_file(entry.path().string())});
    return out;
  }();
  return loaded;
}

const toml::table& provider(const File& file) {
  return *file.table["provider"][file.stem].as_table();
}

TEST(ProviderFiles, EachHasOneProviderNamedLikeItself) {
  EXPECT_GE(files().size(), 30U);
  for (const File& file : files()) {
    EXPECT_EQ(file.table.size(), 1U) << file.stem;
    const auto* all = file.table["provider"].as_table();
    ASSERT_NE(all, nullptr) << file.stem;
    EXPECT_EQ(all->size(), 1U) << file.stem;
    EXPECT_TRUE(all->contains(file.stem)) << file.stem;
    EXPECT_TRUE(std::regex_match(file.stem, std::regex("[a-z][a-z0-9_]{1,31}"))) << file.stem;
  }
}

TEST(ProviderFiles, EveryKeyHasItsShape) {
  const std::regex rate("[1-9][0-9]*/(s|min|h|d)( burst [1-9][0-9]*)?");
  const std::set<std::string> modes{"off", "opportunistic", "required", "verified"};
  const std::set<std::string> known{"title", "mx",  "connections", "messages_per_connection",
                                    "rates", "tls", "warmup"};
  for (const File& file : files()) {
    const toml::table& p = provider(file);
    for (const auto& [key, value] : p)
      EXPECT_TRUE(known.contains(std::string(key.str()))) << file.stem << ": " << key.str();
    EXPECT_TRUE(p["title"].is_string()) << file.stem;
    EXPECT_GE(p["connections"].value_or(0), 1) << file.stem;
    EXPECT_GE(p["messages_per_connection"].value_or(0), 1) << file.stem;
    EXPECT_TRUE(modes.contains(p["tls"].value_or(std::string()))) << file.stem;
    ASSERT_TRUE(p["rates"].is_array()) << file.stem;
    for (const auto& each : *p["rates"].as_array())
      EXPECT_TRUE(std::regex_match(each.value_or(std::string()), rate)) << file.stem;
    if (const auto* days = p["warmup"].as_array()) {
      std::int64_t before = 0;
      for (const auto& day : *days) {
        EXPECT_GT(day.value_or(std::int64_t{0}), before) << file.stem;
        before = day.value_or(std::int64_t{0});
      }
    }
  }
}

TEST(ProviderFiles, MxPatternsAreHostNamesAndBelongToOneProvider) {
  std::map<std::string, std::string> owner;
  for (const File& file : files()) {
    ASSERT_TRUE(provider(file)["mx"].is_array()) << file.stem;
    ASSERT_FALSE(provider(file)["mx"].as_array()->empty()) << file.stem;
    for (const auto& each : *provider(file)["mx"].as_array()) {
      const std::string mx = each.value_or(std::string());
      const std::string name = mx.starts_with('.') ? mx.substr(1) : mx;
      EXPECT_EQ(normalise_name(name), name) << file.stem << ": " << mx;
      EXPECT_NE(name.find('.'), std::string::npos) << file.stem << ": " << mx;
      const auto [at, fresh] = owner.emplace(mx, file.stem);
      EXPECT_TRUE(fresh) << mx << " stands in " << at->second << " and " << file.stem;
    }
  }
}

TEST(ProviderFiles, HostsOfTheBigReceiversAreRecognised) {
  std::vector<ProviderPattern> patterns;
  for (const File& file : files()) {
    ProviderPattern& pattern = patterns.emplace_back();
    pattern.name = file.stem;
    for (const auto& each : *provider(file)["mx"].as_array())
      pattern.mx.push_back(each.value_or(std::string()));
  }
  const ProviderIndex index(patterns);
  const struct {
    const char* host;
    const char* name;
  } table[] = {
      {"gmail-smtp-in.l.google.com", "google"},
      {"aspmx2.googlemail.com", "google"},
      {"outlook-com.olc.protection.outlook.com", "outlook"},
      {"example-com.mail.protection.outlook.com", "microsoft365"},
      {"example-com.a-v1.mx.microsoft", "microsoft365"},
      {"example-cn.mail.protection.partner.outlook.cn", "microsoft365_cn"},
      {"mta5.am0.yahoodns.net", "yahoo"},
      {"mx01.mail.icloud.com", "apple"},
      {"163mx00.mxmail.netease.com", "netease"},
      {"qiye163mx01.mxmail.netease.com", "netease"},
      {"hzmx01.mxmail.netease.com", "netease"},
      {"mx3.qq.com", "qq"},
      {"mxbiz1.qq.com", "exmail"},
      {"freemx1.sinamail.sina.com.cn", "sina"},
      {"sohumx1.sohu.com", "sohu"},
      {"mx1.mail.aliyun.com", "aliyun"},
      {"mxn.mxhichina.com", "aliyun_qiye"},
      {"mx1.mail.139.com", "cm139"},
      {"mx.189.cn", "ct189"},
      {"mxs.mail.ru", "mailru"},
      {"mx.yandex.ru", "yandex"},
      {"mx00.gmx.net", "gmx"},
      {"mx-ha.web.de", "gmx"},
  };
  for (const auto& row : table) EXPECT_EQ(index.named(row.host), row.name) << row.host;
}

}  // namespace
}  // namespace hongyan::dns
