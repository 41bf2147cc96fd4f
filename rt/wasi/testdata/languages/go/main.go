// Command command is for tests: the first argument says what it does. The guest
// in C does the same.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

func main() {
	var what, arg string
	if len(os.Args) > 1 {
		what = os.Args[1]
	}
	if len(os.Args) > 2 {
		arg = os.Args[2]
	}
	switch what {
	case "args":
		for i, a := range os.Args {
			fmt.Printf("%d %s\n", i, a)
		}
	case "var":
		fmt.Println(os.Getenv(arg))
	case "echo":
		in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
		if _, err := io.Copy(out, in); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		out.Flush()
	case "both":
		fmt.Println("to stdout")
		fmt.Fprintln(os.Stderr, "to stderr")
	case "wall":
		fmt.Println(time.Now().Unix())
	case "sleep":
		n, _ := strconv.Atoi(arg)
		start, d := time.Now(), time.Duration(n)*time.Millisecond
		time.Sleep(d)
		fmt.Println(time.Since(start) >= d)
	case "exit":
		n, _ := strconv.Atoi(arg)
		os.Exit(n)
	case "fail":
		panic("out of cheese")
	case "goroutines":
		sums := make(chan int)
		for i := range 10 {
			go func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				sums <- i
			}()
		}
		sum := 0
		for range 10 {
			sum += <-sums
		}
		fmt.Println(sum)
	}
}
