package policy_test

import (
	"fmt"
	"log"

	"github.com/witgen/witgen/rt/plugin/policy"
)

// What a plugin has in the end is what it imports, is granted, and may have.
func ExampleResolve() {
	f, err := policy.Parse("policy.yaml", []byte(`
version: 1
ceiling: {memory: 32MiB, net: {allow: ["https://*.example.com"]}}
plugins:
  greeter:
    limits: {memory: 64MiB}
    fs: [{host: /srv/data, guest: /data}]
    net: {allow: ["https://api.example.com", "tcp:db.internal:5432"]}
`))
	if err != nil {
		log.Fatal(err)
	}
	request := policy.Request{Imports: []string{"wasi:http/outgoing-handler@0.2.3", "wasi:sockets/tcp@0.2.3"}}
	rights, notes := policy.Resolve(request, f.Plugin("greeter"), f.Ceiling)
	fmt.Println(rights.Limits.Memory, rights.Net)
	for _, n := range notes {
		fmt.Println(n)
	}
	// Output:
	// 32MiB [https:api.example.com:443]
	// memory 64 MiB -> 32 MiB by the ceiling
	// fs /srv/data ro, at /data denied by the request
	// net tcp:db.internal:5432 denied by the ceiling
}

// An error says where it is and what may be meant.
func ExampleParse() {
	_, err := policy.Parse("policy.yaml", []byte("version: 1\nplugins:\n  greeter:\n    limits: {memroy: 32MiB}\n"))
	fmt.Println(err)
	// Output:
	// policy.yaml:4:14: plugins.greeter.limits has no key "memroy"; did you mean memory?
	//         limits: {memroy: 32MiB}
	//                  ^
}
