package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

func Example() {
	wasm, err := os.ReadFile("../plugins/guests/rust/image-processor.wasm")
	if err == nil {
		err = run(context.Background(), wasm)
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output: processed: gopher
}

// TestREADME checks that the program in the README is this one.
func TestREADME(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, program, ok := strings.Cut(string(source), "type host ")
	program, _, ok2 := strings.Cut(program, "func main()")
	if !ok || !ok2 {
		t.Fatal("main.go has another form than this test knows")
	}
	if want := "```go\ntype host " + strings.TrimSpace(program) + "\n```"; !strings.Contains(string(readme), want) {
		t.Errorf("README.md lacks\n%s", want)
	}
}
