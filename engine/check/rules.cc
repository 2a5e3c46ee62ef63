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
    {"not-asked", kNote, "Left out on request.", "Check again without --offline before sending."},

    {"source-hidden", kWarning,
     "SPF, PTR and EHLO are judged by the address that receivers see; this source has none here, "
     "or "
     "a private one behind a translation.",
     "Say which it is with --seen-as SOURCE=ADDRESS."},
    {"source-relay", kNote,
     "Receivers see the smart host, so its addresses must be in the SPF record and have names.",
     "Follow the relay's own instructions for SPF and DKIM."},
    {"spf-missing", kError,
     "Google, Yahoo and Microsoft refuse bulk mail without SPF (RFC 7208; 550 5.7.26, 5.7.515).",
     "Publish a TXT record at the return path's domain: v=spf1 with ip4: or ip6: of each source, "
     "then -all."},
    {"spf-broken", kError,
     "Receivers take a broken record as permerror: as bad as none (RFC 7208 2.6.7).",
     "Correct the record; at most 10 terms may ask the DNS, at most 2 find nothing (4.6.4)."},
    {"spf-not-pass", kError,
     "Mail from this address fails SPF (RFC 7208); with p=reject in DMARC it is refused.",
     "Add the source's address to the record of the return path's domain."},
    {"spf-everybody", kWarning,
     "A record that passes the whole internet proves nothing, and filters say so.",
     "List the addresses that send; end in -all or ~all."},
    {"spf-open", kNote,
     "Without -all or ~all at its end the record says nothing about others who use the domain "
     "(RFC 7208 5.1).",
     "End it in -all or ~all."},

    {"ptr-missing", kError,
     "Google, Yahoo, Microsoft, QQ and NetEase refuse mail from addresses without a name (5.7.25, "
     "RFC 7372).",
     "Have the owner of the address publish a PTR record."},
    {"ptr-not-back", kError,
     "Receivers believe a name only when it leads back to the address (forward-confirmed reverse "
     "DNS; Google, Yahoo, Microsoft).",
     "Publish an A or AAAA record of that name with the source's address."},
    {"ptr-generic", kWarning,
     "Names made of the address, or of words like dynamic, are what infected homes have.",
     "Have the PTR changed to a name of your own domain."},
    {"ehlo-unknown", kError,
     "RFC 5321 4.1.1.1: EHLO names the sending host; receivers refuse names without an address.",
     "Publish an A or AAAA record for the name, or correct `ehlo` of the source."},
    {"ehlo-elsewhere", kWarning,
     "RFC 5321 4.1.4: a name that is another machine's looks like a forgery and costs reputation.",
     "Publish the source's address for the name, or correct `ehlo` of the source."},
    {"ehlo-not-ptr", kNote, "Google and M3AAWG advise one name for EHLO and PTR.",
     "Make PTR and `ehlo` of the source the same name."},

    {"dkim-none", kError,
     "Google, Yahoo and Microsoft demand a DKIM signature of bulk senders (RFC 6376; 5.7.26, "
     "5.7.515).",
     "Make a key with `hongyan dkim keygen`, publish its record, add [[channel.NAME.dkim]]."},
    {"dkim-missing", kError,
     "Receivers fetch the public key at SELECTOR._domainkey.DOMAIN (RFC 6376 3.6.2); without it "
     "the "
     "signature fails.",
     "Publish the TXT record; the old one of another selector stays until its mail is through."},
    {"dkim-broken", kError,
     "A key record that cannot be read, or of several, verifies nothing (RFC 6376 3.6.1, 3.6.2.2).",
     "Publish one record, as `hongyan dkim keygen` prints it."},
    {"dkim-revoked", kError, "An empty p= says that the key is withdrawn (RFC 6376 3.6.1).",
     "Sign with a new key and selector."},
    {"dkim-limited", kError,
     "Signatures are rsa-sha256 or ed25519-sha256 of mail; a record that excludes that verifies "
     "none (h= and s=, RFC 6376 3.6.1).",
     "Publish the record without h= and s=."},
    {"dkim-differs", kError,
     "The signature is verified with the published key (RFC 6376 6.1.3): with another one each "
     "message fails.",
     "Publish the record of the key that signs, or configure the key that is published."},
    {"dkim-testing", kWarning,
     "t=y says that the domain tests DKIM: receivers may take signatures as not there (RFC 6376 "
     "3.6.1).",
     "Publish the record without t=y."},
    {"dkim-ed25519-only", kWarning,
     "Many receivers verify RSA only; RFC 8463 5 advises to sign with both.",
     "Add an RSA key of the same domain."},

    {"dmarc-missing", kError,
     "Google, Yahoo and Microsoft demand a DMARC record of bulk senders, p=none at least (RFC "
     "7489; "
     "5.7.26, 5.7.515).",
     "Publish TXT _dmarc.DOMAIN: v=DMARC1; p=none; rua=mailto:..."},
    {"dmarc-broken", kError,
     "A broken DMARC record, or two of them, count as none (RFC 7489 6.6.3).",
     "Correct the record."},
    {"dmarc-not-aligned", kError,
     "DMARC passes only when the domain of SPF or DKIM is that of From (RFC 7489 3.1); Google, "
     "Yahoo "
     "and Microsoft demand it of bulk senders.",
     "Sign with a key of the From domain, or set envelope_sender of the channel to that domain or "
     "one of the same organization."},
    {"dmarc-fails", kError,
     "Without an aligned pass DMARC fails, and the domain's policy applies (RFC 7489 6.6.2).",
     "Make SPF pass for every source, or DKIM; see the findings about them."},
    {"dmarc-one-leg", kNote,
     "DMARC passes by one of SPF and DKIM only; forwarding breaks SPF, a changed text DKIM. Google "
     "advises to align both.",
     "Align the other one too."},
    {"dmarc-none", kNote, "p=none watches and protects nothing (RFC 7489 6.3).",
     "Once reports are clean go on to quarantine, then reject."},
    {"dmarc-no-reports", kNote,
     "Without rua nobody tells who sends in the domain's name (RFC 7489 7.2).",
     "Add rua=mailto: with an address that is read."},

    {"return-path-unreachable", kError,
     "Bounces cannot come back; many receivers refuse such senders (5.7.27, RFC 7505; Yahoo, "
     "Google).",
     "Give the return path's domain an MX record that leads to the intake."},
    {"from-unreachable", kError,
     "Answers cannot come back; Yahoo demands a From domain that takes mail.",
     "Give the From domain an MX record."},
    {"return-path-no-tls", kWarning,
     "Bounces carry addresses; over port 25 in clear anybody may read them (RFC 7435).",
     "Offer STARTTLS on the host of the return path."},

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
     "Set unsubscribe_url of the channel, or add [list_unsubscribe] with url (https) and mailto to "
     "the campaign."},
    {"no-one-click", kError,
     "Google (from 5,000 a day) and Yahoo demand one-click unsubscription: an https link in "
     "List-Unsubscribe, and List-Unsubscribe-Post (RFC 8058).",
     "Set unsubscribe_url of the channel and leave [list_unsubscribe] out, or give that an https "
     "url that takes a POST and leave one_click on."},
    {"unsubscribe-not-personal", kWarning,
     "RFC 8058 3.1: the link must tell the receiver and the list from an opaque token, because the "
     "POST carries no cookie and no address.",
     "Put a variable with a token per recipient into the url."},
    {"unsubscribe-unreachable", kError,
     "Receivers POST to the link (RFC 8058 3.2), readers open it; a host that does not exist "
     "unsubscribes nobody, and they press the spam button instead.",
     "Publish an address for the host, or correct the link."},
    {"no-visible-unsubscribe", kWarning,
     "Google and Yahoo demand a visible link beside the header; CAN-SPAM and MIIT Order No. 38, "
     "article 14, demand a way to refuse in the mail.",
     "Add a link such as \"unsubscribe\" or \"\u9000\u8ba2\" to the text and the html."},

    {"no-text-part", kNote,
     "Html alone is what spam looks like to filters, and some people read text only: a text part "
     "is "
     "made of the html (RFC 2046 5.1.4), which reads worse than one that was written.",
     "Add text or text_file, or read what a test recipient gets."},
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

    {"list-suppressed", kNote,
     "Who bounced, complained, unsubscribed or was listed by an operator gets no mail and costs "
     "nothing.",
     "Nothing; `hongyan suppress list` tells who."},
    {"list-suppressed-many", kWarning,
     "A list with many who bounced, complained or unsubscribed before was not kept, or is bought: "
     "the addresses that are not suppressed yet are no better.",
     "Ask where the list comes from; send to people who confirmed it."},
    {"list-dead-domains", kError,
     "Domains that do not exist or take no mail (null MX, RFC 7505) bounce as invalid addresses; "
     "from "
     "3 % on the breaker stops a job, and receivers take it for a bought list.",
     "Clean the list; see each with `hongyan report JOB --state bounced` after a small trial."},
    {"list-dead-domains-some", kNote,
     "Domains that do not exist or take no mail (null MX, RFC 7505) bounce and cost nothing.",
     "Remove them."},
    {"list-receivers", kNote,
     "Each receiver has its own pace and its own rules, told by its MX hosts.", "Nothing."},

    {"forecast", kNote,
     "Today's limits: each receiver's (configs/providers) on each source of the channel, the "
     "channel's own, and the sending hours. Refusals and slow answers come on top.",
     "More sources, or a higher limit where the reputation is good, if that is too late."},
    {"forecast-endless", kError, "The limits let less through than the list needs.",
     "Raise the limit that binds, or add sources."},
    {"forecast-expires", kWarning,
     "Recipients who wait when expires_after is over are not sent to.",
     "Raise expires_after or shorten the list."},
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
