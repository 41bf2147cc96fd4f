// Package policy says which addresses and names of the network a guest may use,
// whether it does so by a socket or by HTTP.
//
// A [Rule] grants something and nothing takes it back, so a [Policy] permits
// what any of its rules does; without rules, nothing. Names are granted by
// patterns and addresses by prefixes. What a name is resolved to is checked
// before it is dialled, and only that is dialled: a name whose answers change
// gets no further than the rules. Ranges that are not of the public Internet
// (loopback, private, link-local, the metadata services of clouds, multicast)
// have to be granted as such: a rule for any address, or for any address that a
// name has, does not reach them.
package policy
