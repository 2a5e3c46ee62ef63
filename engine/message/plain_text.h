#pragma once

#include <string>
#include <string_view>

namespace hongyan::message {

// A template of the text part made of one for html: what a reader would see, with line ends where
// elements have them and addresses of links in parentheses. Liquid stays in it: tags all, outputs
// where text is; so it is made once per job. Linear in the source.
//
// Whether it still is a template is for the caller to see: tags of Liquid may be strewn over tags
// of HTML in ways that make none.
std::string plain_text_template(std::string_view html);

}  // namespace hongyan::message
