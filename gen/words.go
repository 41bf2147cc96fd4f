package gen

import (
	"go/token"
	"strings"
)

// initialisms are the words that Go writes in capitals throughout.
var initialisms = wordSet(`
	acl api arn ascii cbor cidr cli cpu crc css csv db dns eof fifo ftp gid gpu grpc gui guid
	hmac hsts html http https icmp id imap io ip json jwk jwt kv lhs lru mac md mime mtu ok os pid qps
	ram rgb rhs rng rpc rsa rtt sdk sha sla smtp sql ssh ssl tcp tls toml tsv ttl tty udp ui uid uri
	url utc utf uuid vm wasi wit xml xmpp xsrf xss yaml`)

// spellings are the words with capitals of their own.
var spellings = map[string]string{
	"apis": "APIs", "datetime": "DateTime", "fifos": "FIFOs", "graphql": "GraphQL", "ids": "IDs",
	"ips": "IPs", "ipv4": "IPv4", "ipv6": "IPv6", "nan": "NaN", "oauth": "OAuth", "oauth2": "OAuth2",
	"uris": "URIs", "urls": "URLs",
	"uuids": "UUIDs",
}

// predeclared are the names that Go declares by itself.
var predeclared = wordSet(`
	any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
	rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close
	complex copy delete imag len make max min new panic print println real recover`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// reserved reports whether Go has a meaning of its own for a name.
func reserved(name string) bool { return token.IsKeyword(name) || predeclared[name] }

// exportedName returns the Go name of a WIT name: GetHTTPURL for get-http-url.
func exportedName(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(strings.ToLower(name), "-") {
		b.WriteString(capital(word))
	}
	return b.String()
}

// localName returns the Go name of a WIT name inside a package: httpURL for
// http-url.
func localName(name string) string {
	first, rest, _ := strings.Cut(strings.ToLower(name), "-")
	return first + exportedName(rest)
}

func capital(word string) string {
	if s, ok := spellings[word]; ok {
		return s
	}
	letters := strings.TrimRight(word, "0123456789")
	switch {
	case word == "":
		return ""
	case initialisms[letters]:
		return strings.ToUpper(word)
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

// unexported returns a name inside a package for an exported name: its first
// word in small letters.
func unexported(name string) string {
	n := 0
	for n < len(name) && name[n] >= 'A' && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) && name[n] >= 'a' && name[n] <= 'z' {
		n-- // the capital that begins the next word
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// packageWord returns a WIT name as an element of an import path and as the
// name of a package, whose names have no dashes.
func packageWord(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "-", ""))
}

// unimportable are the names that the go command gives a meaning of its own, as
// that of a package or of its directory. The devices of Windows are among them:
// no import path may have one of those.
var unimportable = wordSet(`
	internal vendor main testdata init documentation
	aux con nul prn com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9`)

// badPackage reports whether nobody could import a package of that name, or
// not without another name for it.
func badPackage(word string) bool { return unimportable[word] || reserved(word) }

// packageElement reports whether a name can be that of a package and of its
// directory.
func packageElement(name string) bool {
	return token.IsIdentifier(name) && !badPackage(name) && importable(name) && !strings.HasPrefix(name, "_")
}

// validName reports whether a name can be the Go name of an exported item.
func validName(name string) bool { return token.IsIdentifier(name) && token.IsExported(name) }
