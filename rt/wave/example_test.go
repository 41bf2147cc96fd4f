package wave_test

import (
	"fmt"
	"testing/fstest"

	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/wave"
	"github.com/witgen/witgen/wit"
)

func Example() {
	const contract = `
		package acme:shop@1.0.0;
		interface orders {
			enum unit { piece, box }
			record order { item: string, count: u32, %unit: unit, note: option<string> }
			place: func(o: order, express: option<bool>);
		}`
	pkg, err := wit.LoadFS(fstest.MapFS{"shop.wit": {Data: []byte(contract)}}, "shop.wit", wit.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	place := pkg.Interface("orders").Funcs[0]
	lookup := func(name string) (*wit.Func, error) { return place, nil }

	name, args, err := wave.ParseCall(`acme:shop/orders.place@1.0.0({item: "tea", count: 3, unit: box})`, lookup)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(name)
	fmt.Println(args[0].(rt.Record).Get("count"))
	for i, arg := range args {
		text, err := wave.Format(place.Params[i].Type, arg)
		fmt.Println(text, err)
	}

	_, _, err = wave.ParseCall(`place({item: "tea", count: -3, unit: box})`, lookup)
	fmt.Println(err)
	// Output:
	// acme:shop/orders@1.0.0#place
	// 3
	// {item: "tea", count: 3, unit: box} <nil>
	// none <nil>
	// 1:28: -3 is out of the range of u32
}
