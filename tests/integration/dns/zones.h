#pragma once

#include "tests/support/knot.h"

#include <string>
#include <vector>

namespace hongyan::dns {

// What the name server of these tests serves.
// 60 hosts with long names: does not fit into 1232 bytes.
inline std::string big_set() {
  std::string out;
  for (int i = 0; i < 60; ++i) {
    const std::string host = "a-rather-long-host-name-that-fills-the-packet-" + std::to_string(i);
    out += "big MX " + std::to_string(i) + " " + host + ".far\n";
    if (i < 20) out += host + ".far A 198.41.0." + std::to_string(i) + "\n";
  }
  return out;
}

inline std::vector<test::Zone> zones() {
  return {
      {"example.test",
       "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 198.41.0.4\nmx1 AAAA 2001:503:ba3e::2:30\nmx2 A "
       "198.41.0.5\n"
       "equal MX 10 e1\nequal MX 10 e2\nequal MX 10 e3\ne1 A 198.41.1.1\ne2 A 198.41.1.2\n"
       "e3 A 198.41.1.3\n"
       "null MX 0 .\n"
       "alias CNAME equal\n"
       "mxalias MX 10 mxname\nmxname CNAME mx1\n"
       "outside CNAME www.other.test.\n"
       "xn--fiqs8s MX 5 mx1\n"
       "aonly A 198.41.2.1\naaaaonly AAAA 2001:503:ba3e::9\n"
       "nodata TXT \"no mail here\"\n"
       "dangling MX 10 gone\n"
       "inside MX 10 loop4\ninside MX 20 meta\nloop4 A 127.0.0.1\nmeta A 169.254.169.254\n"
       "mapped MX 10 m6\nm6 AAAA ::ffff:127.0.0.1\n"
       "half MX 10 loop4\nhalf MX 20 mx2\n"
       "short 1 MX 10 mx1\n"
       "relies MX 10 mail.broken.test.\n"
       "google MX 1 aspmx.l.google.test.\n" +
           big_set()},
      {"other.test", "www MX 10 mail\nmail A 198.41.3.1\n"},
      {"google.test", "aspmx.l A 198.41.4.1\n"},
      {"broken.test", ""},
  };
}

}  // namespace hongyan::dns
