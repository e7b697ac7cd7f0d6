//! Which addresses a user may type in, and to which network addresses they may lead. Webhooks
//! must not become a way to reach this machine or its private network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use lettre::Address;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use siyu_types::error::{Error, ErrorCode, Result};
use url::{Host, Url};

/// Hosts (names or addresses, without port) that the operator of the machine
/// allows although they are private. Never filled from a request.
#[derive(Clone, Debug, Default)]
pub struct AllowList(Arc<Vec<String>>);

impl AllowList {
    pub fn new(hosts: impl IntoIterator<Item = String>) -> AllowList {
        AllowList(Arc::new(hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect()))
    }

    pub fn holds(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        self.0.contains(&host)
    }
}

/// Checks what can be seen without asking the name service: the scheme, no
/// credentials, and a literal address that is public.
pub fn check_url(url: &Url, allowed: &AllowList) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorCode::ForbiddenAddress, why)
            .with("host", url.host_str().unwrap_or_default())
            .at("url"))
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("only http and https addresses may be called");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("the address must not hold a user name or password");
    }
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        Some(Host::Domain(_)) => None,
        None => return refuse("the address names no host"),
    };
    match literal {
        Some(ip) if !is_public(ip) && !allowed.holds(&ip.to_string()) => {
            refuse("the address is in a private network")
        }
        _ => Ok(()),
    }
}

/// Checks that a text is one e-mail address, with no name around it.
pub fn check_email(text: &str) -> Result<()> {
    let parsed = text.parse::<Address>();
    parsed.map(|_| ()).map_err(|_| Error::invalid("to", "must be an e-mail address"))
}

/// Whether an address is reachable over the public internet. Everything that is
/// not plainly public is refused.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    let segments = ip.segments();
    // Translation and tunnelling prefixes carry an IPv4 address that would
    // have to be judged as well; refusing them loses nothing real.
    let embeds_v4 = (segments[0] == 0x64 && segments[1] == 0xff9b)
        || segments[0] == 0x2002
        || (segments[0] == 0x2001 && segments[1] == 0);
    let documentation = segments[0] == 0x2001 && segments[1] == 0xdb8;
    // Only 2000::/3 is handed out for global use.
    (segments[0] & 0xe000) == 0x2000 && !embeds_v4 && !documentation
}

/// Resolves names for webhooks. A connection is made to exactly the addresses
/// returned here, so a name cannot change its address between check and use.
#[derive(Clone, Debug)]
pub struct GuardedResolver {
    allowed: AllowList,
}

impl GuardedResolver {
    pub fn new(allowed: AllowList) -> GuardedResolver {
        GuardedResolver { allowed }
    }
}

/// Why a name was not resolved; found again in the error chain of the request.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    #[error("the name leads to a private network")]
    Private,
    #[error("the name has no address")]
    Nothing,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.holds(name.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() {
                return Err(ResolveError::Nothing.into());
            }
            // One private address among public ones is how rebinding looks.
            if !allowed && found.iter().any(|address| !is_public(address.ip())) {
                return Err(ResolveError::Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_pass() {
        let cases = [
            ("http://8.8.8.8/", true),
            ("https://hooks.example.com/x", true),
            ("http://[2606:4700::1]/", true),
            ("http://127.0.0.1/", false),
            ("http://127.1/", false),
            ("http://2130706433/", false),
            ("http://0x7f.0.0.1/", false),
            ("http://10.0.0.8:9000/", false),
            ("http://172.31.255.255/", false),
            ("http://172.32.0.1/", true),
            ("http://192.168.1.1/", false),
            ("http://169.254.169.254/latest/meta-data", false),
            ("http://100.100.100.200/", false),
            ("http://[::1]/", false),
            ("http://[::ffff:127.0.0.1]/", false),
            ("http://[fd00::1]/", false),
            ("http://[fe80::1]/", false),
            ("http://[64:ff9b::7f00:1]/", false),
            ("http://[2002:7f00:1::]/", false),
            ("http://0.0.0.0/", false),
            ("http://user:pass@example.com/", false),
            ("ftp://example.com/", false),
            ("file:///etc/passwd", false),
        ];
        for (text, expected) in cases {
            let url = Url::parse(text).expect("valid");
            assert_eq!(check_url(&url, &AllowList::default()).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn the_allow_list_opens_one_host_only() {
        let allowed = AllowList::new(["127.0.0.1".to_owned(), "::1".to_owned()]);
        let passes = |text: &str| check_url(&Url::parse(text).expect("valid"), &allowed).is_ok();
        assert!(passes("http://127.0.0.1:8080/"));
        assert!(passes("http://[::1]/"));
        assert!(!passes("http://127.0.0.2/"));
    }

    #[test]
    fn an_address_of_mail_stands_alone() {
        for (text, expected) in [
            ("ops@shop.example", true),
            ("ops+alerts@mail.shop.example", true),
            ("", false),
            ("ops", false),
            ("ops@", false),
            ("@shop.example", false),
            ("值班 <ops@shop.example>", false),
            ("a@shop.example, b@shop.example", false),
            ("ops@shop.example\r\nBcc: x@y.example", false),
        ] {
            assert_eq!(check_email(text).is_ok(), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused() {
        let resolve = |allowed: AllowList| async move {
            GuardedResolver::new(allowed).resolve("localhost".parse().expect("a name")).await.is_ok()
        };
        assert!(!resolve(AllowList::default()).await);
        assert!(resolve(AllowList::new(["localhost".to_owned()])).await);
    }
}
