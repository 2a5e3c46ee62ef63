#include "engine/message/plain_text.h"

#include "engine/message/template.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

TEST(PlainText, IsWhatAReaderWouldSee) {
  struct Case {
    std::string_view html, text;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"", ""},
           {"  <p> </p>\n", ""},
           {"<h1>Hi</h1>\n<p>a\n  b</p><p>c<br>d<br/><br>e</p>", "Hi\n\na b\n\nc\nd\n\ne\n"},
           {"<ul><li>x</li>\n<li>y</ul>z", "- x\n- y\n\nz\n"},
           {"<table><tr><td>a</td> <td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"},
           {"<head><title>t</title><style>p{a:b}</style></head><body>x</body>", "x\n"},
           {"a<!-- <p> {{ -->b<script>if(1<2){}</script>c", "abc\n"},
           {"1 &lt; 2 &amp;&nbsp;&#20320;&#x597D; &bogus; &", "1 < 2 & 你好 &bogus; &\n"},
           {"a < b, <3", "a < b, <3\n"},
           {"<a href='https://x.example/?a=1&amp;b=2'>go</a>", "go (https://x.example/?a=1&b=2)\n"},
           {"<a href=\"https://x.example\">https://x.example</a>", "https://x.example\n"},
           {"<a href=\"#top\">up</a> <img src=x alt=\"The logo\">", "up The logo\n"},
           {"<a href=\"https://x.example\"><img src=\"b.png\"></a>", "https://x.example\n"},
           {"<p title=\"a > b\">c</p>", "c\n"},
           {"<p", ""}}) {
    EXPECT_EQ(plain_text_template(c.html), c.text) << c.html;
  }
}

TEST(PlainText, KeepsLiquid) {
  struct Case {
    std::string_view html, text;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"<p>Hi {{ a }}</p><p>{{ b | upcase }}!</p>", "Hi {{ a }}\n\n{{ b | upcase }}!\n"},
           {"<p>{% if a %}<b>x</b>{% else %}y{% endif %} z</p>",
            "{% if a %}x{% else %}y{% endif %} z\n"},
           {"<ul>{% for i in l %}<li>{{ i }}</li>{% endfor %}</ul>",
            "{% for i in l %}- {{ i }}\n{% endfor %}\n"},
           {"<td {% if a %}class=\"{{ b }}\"{% endif %}>x</td>", "{% if a %}{% endif %}x\n"},
           {"{% raw %}<b>{{ x }}</b>{% endraw %}{% comment %}<p>{% endcomment %}y",
            "{% raw %}<b>{{ x }}</b>{% endraw %}{% comment %}<p>{% endcomment %}y\n"},
           {"{{ a | raw }}{{- b|raw -}}", "{{ a | raw | strip_html }}{{- b|raw | strip_html -}}\n"},
           {"<a href=\"{{ url }}\">go</a>", "go ({{ url }})\n"},
           {"{<i></i>{ x }}&#123;% if %}", "{{ '{' }}{{ '{' }} x }}{{ '{' }}% if %}\n"},
           {"<style>{% if a %}p{}{% endif %}</style>x", "{% if a %}{% endif %}x\n"}}) {
    EXPECT_EQ(plain_text_template(c.html), c.text) << c.html;
    Faults faults;
    parse_template(plain_text_template(c.html), "text", faults);
    EXPECT_TRUE(faults.empty()) << c.html;
  }
}

TEST(PlainText, HostileHtmlTakesLinearTime) {
  for (const char* unit : {"<", "<a ", "{{", "{%", "<!--", "&", "<a href=\"", "{% raw %}", "</a>",
                           "<a href='http", "<script>", "&#123;", "<p {% "}) {
    std::string html;
    while (html.size() < (1u << 20)) html += unit;
    plain_text_template(html);  // quadratic would take minutes
  }
}

}  // namespace
}  // namespace hongyan::message
