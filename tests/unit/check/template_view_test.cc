#include "engine/check/template_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Use = VariableUse;

TEST(TemplateView, OutputsWithAndWithoutDefault) {
  EXPECT_THAT(used_variables("{{ name }}, {{city|default:\"x y\"}} {{- shop.title -}} {{ name }}"),
              ElementsAre(Use{"name", false}, Use{"city", true}, Use{"shop", false}));
  EXPECT_THAT(used_variables("{{ 姓名 }} {{ first-name | upcase }}"),
              ElementsAre(Use{"姓名", false}, Use{"first-name", false}));
}

TEST(TemplateView, ConditionsUseButDoNotNeed) {
  EXPECT_THAT(used_variables("{% if vip == true and points > 5 %}{% endif %}"),
              ElementsAre(Use{"vip", true}, Use{"points", true}));
}

TEST(TemplateView, OwnNamesAreNotTheLists) {
  EXPECT_THAT(used_variables("{% assign x = price | times: 2 %}{{ x }}"
                             "{% for item in cart limit:3 %}{{ item.name }}{% endfor %}"),
              ElementsAre(Use{"price", true}, Use{"cart", true}));
}

TEST(TemplateView, RawAndCommentsAreNoUse) {
  EXPECT_THAT(used_variables("{% raw %}{{ a }}{% endraw %}{% comment %}{{ b }}{% endcomment %}"),
              IsEmpty());
}

TEST(TemplateView, FiltersAndTheirArgumentsAreNoVariables) {
  EXPECT_THAT(used_variables("{{ 'now' | date: '%Y' }} {{ a | append: b }}"),
              ElementsAre(Use{"a", false}, Use{"b", false}));
}

TEST(TemplateView, MaskingKeepsEveryPlace) {
  EXPECT_EQ(mask_tags("a{{ b }}c{% if %}d{{ open", '.'), "a.......c........d{{ open");
}

TEST(TemplateView, PlacesCountLinesAndColumns) {
  EXPECT_EQ(place_of("ab\ncd", 0), "1:1");
  EXPECT_EQ(place_of("ab\ncd", 4), "2:2");
}

}  // namespace
}  // namespace hongyan::check
