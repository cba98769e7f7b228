package probe

// wording is a code with its English sentence. sick codes say that statusd could not see.
type wording struct {
	code    string
	english string
	sick    bool
}

// wordings is the fixed list. A code, once released, is stored in databases: add, never rename.
// Source: INTEROP.md section 7.
var wordings = []wording{
	{Redirected, "after a redirect to {0}: {1}", false},

	{"dns_unknown", "the name {0} does not exist", false},
	{"dns_failed", "the DNS server failed for {0}", false},
	{"dns_timeout", "DNS did not answer within {0}", true},
	{"dns_unreachable", "statusd cannot reach its DNS server", true},
	{"no_network", "statusd has no network", true},

	{"refused", "connection refused (nothing listens on port {0})", false},
	{"unreachable", "host unreachable: {0}", false},
	{"no_route", "statusd's machine has no route to {0}", true},
	{"connect_timeout", "no connection in {0} (dropped by a firewall?)", false},
	{"connect_reset", "server reset the connection while it was opened", false},
	{"connect_failed", "cannot connect ({0})", false},
	{"connect_failed_somehow", "cannot connect (unknown error)", false},
	{"fd_limit", "statusd has reached its limit of open files", true},
	{"socket_limit", "statusd's machine has no free ports or memory for connections", true},
	{"forbidden_here", "statusd's machine forbids the connection (local firewall?)", true},
	{"metadata", "{0} is a cloud metadata address (only --probe-allow opens it)", false},
	{"proxy_unreachable", "the proxy {0} cannot be reached", true},
	{"proxy_failed", "the proxy {0} gave no proper answer", true},
	{"proxy_refused", "the proxy answered with status {0}", true},

	{"tls_expired", "TLS certificate expired {0} ago", false},
	{"tls_expired_days", "TLS certificate expired {0} days ago", false},
	{"tls_not_yet", "TLS certificate is valid only from {0} (is a clock wrong?)", false},
	{"tls_wrong_host", "TLS certificate is for {0}, not {1}", false},
	{"tls_wrong_host_of_many", "TLS certificate is for {0} and {1} more, not {2}", false},
	{"tls_no_names", "TLS certificate names no host (needed: {0})", false},
	{"tls_untrusted", "TLS certificate's issuer is not trusted ({0})", false},
	{"tls_unknown_issuer", "TLS certificate's issuer is not trusted (unknown issuer)", false},
	{"no_roots", "statusd's machine has no list of trusted certificate issuers", true},
	{"tls_self_signed", "self-signed TLS certificate", false},
	{"tls_no_intermediate", "the server does not send its intermediate TLS certificate (issued by {0})", false},
	{"tls_wrong_usage", "TLS certificate is not a server certificate", false},
	{"tls_weak_signature", "TLS certificate is signed with an outdated algorithm (SHA-1?)", false},
	{"tls_bad_certificate", "TLS certificate is not valid ({0})", false},
	{"tls_old_version", "server speaks no TLS 1.2 or newer", false},
	{"tls_no_cipher", "no common TLS cipher or settings (the server gave up the handshake)", false},
	{"tls_no_protocol", "server speaks neither HTTP/1.1 nor HTTP/2 over TLS (ALPN)", false},
	{"tls_client_certificate", "server wants a client certificate", false},
	{"tls_unknown_host", "server does not know the host name {0} (TLS)", false},
	{"tls_unknown_host_likely", "server gave up TLS (does it know the host name {0}?)", false},
	{"tls_alert", "server gave up TLS ({0})", false},
	{"tls_damaged", "TLS handshake failed ({0})", false},
	{"tls_timeout", "TLS handshake did not finish in {0}", false},
	{"tls_closed", "server closed the connection during the TLS handshake", false},
	{"http_on_https", "this port speaks http, not https", false},
	{"not_tls", "this port does not speak TLS", false},

	{"no_answer", "no answer in {0} (connected in {1})", false},
	{"reset", "server reset the connection", false},
	{"closed", "server closed the connection without an answer", false},
	{"headers_cut", "answer cut off in the headers", false},
	{"headers_timeout", "answer began but its headers did not finish in {0}", false},
	{"headers_too_large", "headers too large (over 64 KiB)", false},
	{"interim_flood", "server sends interim answers (1xx) without an end", false},
	{"not_http", "answer is not valid HTTP", false},
	{"not_http_says", "answer is not valid HTTP (it begins with \"{0}\")", false},
	{"flood", "server sent over 16 MiB without finishing an answer", false},

	{"body_timeout", "answer began but did not finish in {0}", false},
	{"body_cut", "answer cut off after {0}", false},
	{"body_damaged", "answer is damaged ({0})", false},

	{"redirect_loop", "more than 10 redirects, last to {0}", false},
	{"redirect_many", "more than {0} redirects, last to {1}", false},
	{"redirect_bad", "redirects to an address that cannot be probed", false},
	{"redirect_scheme", "redirects to an address that cannot be probed ({0}:)", false},

	{"h2_reset", "server aborted the request (HTTP/2 {0})", false},
	{"h2_goaway", "server closed the connection (HTTP/2 {0})", false},
	{"h2_refusing", "no answer (server keeps refusing HTTP/2 streams)", false},
	{"h2_invalid", "answer is not valid HTTP/2 ({0})", false},

	{"status", "status {0}, expected {1}", false},
	{"status_https", "status {0} (this port expects https)", false},
	{"body_lacks", "body lacks \"{0}\"", false},
	{"body_lacks_limit", "body lacks \"{0}\" in its first 1 MiB", false},

	{"bad_request", "the request cannot be made ({0})", false},
	{"failed", "the request failed ({0})", false},
	{"internal", "statusd failed while reading the answer (a bug: please report it)", true},
}

// measured are the codes whose arguments are quantities, "10 s" or "1024 bytes": other languages have other words for the unit.
// An argument of any other code is a name, a number or a foreign text, and is shown as it is.
var measured = map[string]bool{
	"dns_timeout": true, "connect_timeout": true, "tls_timeout": true, "no_answer": true, "headers_timeout": true, "body_timeout": true,
	"tls_expired": true, "body_cut": true,
}
