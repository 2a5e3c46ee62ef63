#include "engine/check/finding.h"

// Every rule in one place: what it is called, how bad it is, why, what to do. Receivers' pages are
// those of 2025 and 2026: Google's sender guidelines, Yahoo's Sender Hub, Microsoft's high-volume
// requirements.
namespace hongyan::check {
namespace {

constexpr Level kNote = Level::kNote;
constexpr Level kWarning = Level::kWarning;
constexpr Level kError = Level::kError;

constexpr Rule kRules[] = {
    {"campaign-fault", kError, "The engine refuses such a document (docs/job.schema.json).",
     "Correct the campaign; `hongyan submit --dry-run` says the same."},
    {"not-checked", kWarning, "What could not be looked at is not known to be right.",
     "Remove the cause and check again before sending."},

    {"subject-empty", kError,
     "Receivers score mail without a subject as spam, and people do not open it.",
     "Write a subject; give its variables a default."},
    {"subject-long", kWarning,
     "Mail programs show some 70 columns of a subject, phones 40; a line above 78 characters is "
     "against the advice of RFC 5322 2.1.1.",
     "Put what matters into the first 40 columns."},
    {"subject-misleading", kError,
     "\"Re:\" and \"Fwd:\" belong to true answers (RFC 5322 3.6.5); Google's guidelines forbid "
     "fake "
     "ones, CAN-SPAM (15 U.S.C. 7704(a)(2)) forbids deceptive subjects.",
     "Begin the subject with its own words."},
    {"subject-shouting", kWarning,
     "Capitals and rows of exclamation marks are what content filters count first.",
     "Write the subject as you would to a colleague."},
    {"ad-label", kError,
     "China: the subject of a commercial e-mail begins with \"\u5e7f\u544a\" or \"AD\" (MIIT Order "
     "No. 38, article 13; fines up to 30,000 yuan).",
     "Begin the subject with \u5e7f\u544a or AD; for mail that sells nothing use --kind "
     "transactional."},
    {"ad-label-few", kWarning,
     "China: the subject of a commercial e-mail begins with \"\u5e7f\u544a\" or \"AD\" (MIIT Order "
     "No. 38, article 13), for each receiver there.",
     "Send the Chinese part of the list as a campaign of its own, with the label."},

    {"no-unsubscribe-header", kError,
     "Google, Yahoo and others demand List-Unsubscribe (RFC 2369) of bulk senders; mail without it "
     "is reported as spam instead.",
     "Add [list_unsubscribe] with url (https) and mailto to the campaign."},
    {"no-one-click", kError,
     "Google (from 5,000 a day) and Yahoo demand one-click unsubscription: an https link in "
     "List-Unsubscribe, and List-Unsubscribe-Post (RFC 8058).",
     "Give [list_unsubscribe] an https url that takes a POST and leave one_click on."},
    {"unsubscribe-not-personal", kWarning,
     "RFC 8058 3.1: the link must tell the receiver and the list from an opaque token, because the "
     "POST carries no cookie and no address.",
     "Put a variable with a token per recipient into the url."},
    {"no-visible-unsubscribe", kWarning,
     "Google and Yahoo demand a visible link beside the header; CAN-SPAM and MIIT Order No. 38, "
     "article 14, demand a way to refuse in the mail.",
     "Add a link such as \"unsubscribe\" or \"\u9000\u8ba2\" to the text and the html."},

    {"no-text-part", kWarning,
     "Html alone is what spam looks like to filters (RFC 2046 5.1.4 has multipart/alternative for "
     "both), and some people read text only.",
     "Add text or text_file."},
    {"html-clipped", kWarning,
     "Gmail cuts a message whose html is above some 102 kB, the unsubscribe link with it.",
     "Make the html smaller than 100 kB: no inline images, no comments, short styles."},
    {"message-large", kWarning, "Large messages are slow to send and slow to open; filters mind.",
     "Link to files instead of attaching them."},
    {"message-too-large", kError,
     "Receivers refuse large messages (5.3.4; SIZE of RFC 1870): from 10 MB on this is common.",
     "Link to files instead of attaching them."},
    {"image-without-alt", kNote,
     "Most programs hide images at first; without alt there is nothing to read.",
     "Give every <img> an alt, an empty one when it is decoration."},
    {"image-only", kWarning,
     "A picture with hardly any words is how spam hides its text; filters score it.",
     "Write the message as text; let images be an extra."},
    {"html-active", kWarning,
     "Mail programs drop scripts, forms, frames and plug-ins, and filters count them.",
     "Remove them; link to a page that has them."},
    {"html-unclosed", kError,
     "What follows an attribute or a tag that is never closed is swallowed by it.",
     "Close the quote or the tag."},

    {"link-empty", kWarning, "A link that leads nowhere.", "Give it an address or remove it."},
    {"link-relative", kError,
     "A mail has no address of its own that a relative link could start at.",
     "Write the whole address, with https://."},
    {"link-broken", kError, "Against the syntax of RFC 3986: it cannot be opened.",
     "Correct the address."},
    {"link-space", kError, "RFC 3986 has no blanks or control characters in an address.",
     "Write blanks as %20."},
    {"link-mailto", kError, "RFC 6068: mailto: takes addresses, separated by commas.",
     "Correct the address."},
    {"link-scheme", kError, "Mail programs open no such link, and filters take it for an attack.",
     "Use https:, mailto: or tel:."},
    {"link-ip", kWarning, "A number instead of a name is what phishing does; filters score it.",
     "Use a name of your own domain."},
    {"link-shortener", kWarning,
     "Block lists have the domains of public shorteners, because spam uses them.",
     "Link to your own domain."},
    {"link-http", kNote, "Browsers warn of http; https on the sender's own domain is trusted more.",
     "Use https."},

    {"variable-unknown", kError,
     "A recipient without the value of a variable that has no default is refused, not sent.",
     "Correct the variable's name, add the column, or give it a default."},
    {"variable-missing", kWarning,
     "A recipient without the value of a variable that has no default is refused, not sent.",
     "Fill in the rows, or give the variable a default."},
    {"variable-defaulted", kWarning,
     "No column has the variable's name, so everybody gets the default: mostly a misspelt name.",
     "Correct the name, or write the words themselves."},
    {"column-unused", kNote,
     "The message uses no such variable: nothing wrong, or a misspelt name.", "Compare the names."},

    {"message-refused", kError,
     "The engine refuses to build such a message; the recipient is not sent to.",
     "Correct the row or the template."},

    {"list-unreadable", kError, "Nothing could be sent to this list.", "Correct the file."},
    {"list-empty", kError, "No row has an address that could be sent to.", "Correct the list."},
    {"list-invalid", kWarning,
     "Rows whose address breaks RFC 5321 are refused and cost nothing; but many of them say that "
     "the list is old or was typed. Above 3 % dead addresses the breaker stops a job.",
     "See which with `hongyan submit --dry-run`; clean the list at its source."},
    {"list-invalid-some", kNote, "Rows whose address breaks RFC 5321 are refused and cost nothing.",
     "See which with `hongyan submit --dry-run`."},
    {"list-duplicates", kNote, "Each address gets one message, whatever the list says.",
     "Nothing, unless rows of one address were meant to differ."},
    {"list-roles", kWarning,
     "Nobody subscribes as info@ or sales@ (RFC 2142): such addresses come from harvested lists, "
     "and several people read them, each with a spam button. MIIT Order No. 38, article 12, "
     "forbids "
     "harvesting.",
     "Remove role accounts unless the person asked with that address."},
    {"list-complaint-desks", kWarning,
     "abuse@, postmaster@ and their like are read by those who run block lists, and no-reply "
     "addresses by nobody.",
     "Remove them."},
    {"list-typos", kWarning,
     "Domains that are a slip of the finger away from a large receiver are mostly dead, or spam "
     "traps.",
     "Correct them, or remove them."},

    {"cost", kNote, "Charged is what receivers accept, once per recipient; the rest is free.",
     "Nothing; `hongyan balance show` tells what a prepaid tenant has."},
    {"max-spend-short", kWarning, "At max_spend the job pauses with what is left of its list.",
     "Raise max_spend, or shorten the list."},
};

}  // namespace

std::span<const Rule> rules() {
  return kRules;
}

}  // namespace hongyan::check
