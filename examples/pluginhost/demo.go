package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/witgen/witgen/examples/plugins/guests"
	"github.com/witgen/witgen/rt"
	"github.com/witgen/witgen/rt/plugin"
)

// demo is a script of what happens to plugins in their lives, while clients send
// requests to the service over HTTP. What is not as it should be is told, and is
// an error in the end.
type demo struct {
	out   io.Writer
	began time.Time
	wrong int
	*service
	server *http.Server
	load   *load
	told   told
	url    string
}

// showAll runs the script in a new directory.
func showAll(ctx context.Context, out io.Writer, engine rt.Config) (err error) {
	dir, err := os.MkdirTemp("", "pluginhost")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := &demo{out: out, began: time.Now()}
	patient := strings.NewReplacer("deadline: 500ms", "deadline: 10s", "deadline: 1s", "deadline: 10s", "max_wait: 2s", "max_wait: 10s")
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(patient.Replace(string(firstPolicy))), 0o644); err != nil {
		return err
	}
	begin := func() error {
		d.service, err = start(ctx, settings{
			Dir: dir, Token: "of the demo, for it alone", Engine: engine, Observer: &d.told, Logger: slog.New(slog.DiscardHandler),
			// Windows of a fifth of a second, and no judgement of latency: as for the
			// deadlines above, this machine may have other things to do.
			Ramp: &plugin.Ramp{Steps: []float64{0.1, 0.5, 1}, MinSamples: 50, Window: 200 * time.Millisecond, Slower: 1000},
		})
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	if err := d.listen(); err != nil {
		return errors.Join(err, d.close())
	}
	d.showPlugins()
	for _, step := range []func(ctx context.Context){
		d.calm, d.replace, d.halfCopied, d.otherContract, d.badPolicy, d.goodCanary, d.badCanary, d.backByHand,
	} {
		if step(ctx); ctx.Err() != nil {
			break
		}
	}
	d.load.end()
	d.showCounts()
	d.denial(ctx)
	before := make(map[string]string)
	for name := range d.slots {
		before[name] = d.serving(name)
	}
	if err := errors.Join(d.server.Shutdown(ctx), d.close()); err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	d.afterRestart(before)
	if err := d.close(); err != nil {
		return err
	}
	if d.wrong > 0 {
		return fmt.Errorf("%d things were not as they should be", d.wrong)
	}
	return context.Cause(ctx)
}

// listen serves on a port of this machine, and sends requests there.
func (d *demo) listen() error {
	handler, err := d.handler()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(l) }() // which clients would notice
	d.url = "http://" + l.Addr().String()
	d.load = newLoad(d.url)
	return nil
}

// say tells what happened, and when.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "%5.1f s  %s\n", time.Since(d.began).Seconds(), fmt.Sprintf(format, args...))
}

// check tells if something is not as it should be.
func (d *demo) check(ok bool, format string, args ...any) {
	if !ok {
		d.wrong++
		d.say("WRONG: "+format, args...)
	}
}

func (d *demo) showPlugins() {
	for _, c := range d.host.List() {
		st := c.Status().Stable
		d.say("%s: revision %s, %s", c.Name(), st.Digest.Short(), st.Metadata.Description)
		for _, cut := range st.Cut {
			d.say("  it has not all that its policy grants: %s", cut)
		}
	}
}

// calm lets clients be served for a while.
func (d *demo) calm(context.Context) {
	d.say("%d clients send requests for %d users, all the time", clients, users)
	time.Sleep(time.Second)
	d.say("%d requests served", d.load.now().served)
}

// replace replaces a plugin by one in another language, by renaming a file.
func (d *demo) replace(context.Context) {
	before := d.serving("resize")
	since := d.told.mark()
	d.put("resize", guest("c/image-processor"))
	d.say("replaced resize.wasm: it is in C now")
	d.wait(since, "resize", plugin.Swapped)
	d.check(d.serving("resize") != before, "the same revision serves")
	d.wait(since, "resize", plugin.Drained)
	d.say("  %s serves, and the calls of %s have ended", d.serving("resize"), before)
}

// halfCopied copies a file over a plugin, and takes its time.
func (d *demo) halfCopied(context.Context) {
	before := d.serving("record")
	since := d.told.mark()
	wasm, path := guest("rust/data-processor"), d.path("record")
	d.check(os.WriteFile(path, wasm[:len(wasm)/2], 0o644) == nil, "half a file")
	d.say("copied half a file over record.wasm: one for version 0.2 of the contract, over one for 0.1")
	time.Sleep(700 * time.Millisecond)
	d.check(d.serving("record") == before, "half a file serves")
	d.check(os.WriteFile(path, wasm, 0o644) == nil, "the file")
	d.say("  %s serves still; copied the other half", before)
	d.wait(since, "record", plugin.Swapped)
	d.say("  %s serves", d.serving("record"))
	d.check(d.told.count(since, "record", plugin.StageFailed) == 0, "half a file was taken for one")
}

// otherContract replaces a plugin by one of another contract.
func (d *demo) otherContract(context.Context) {
	before := d.serving("resize")
	since := d.told.mark()
	d.put("resize", guest("broken/changed"))
	d.say("replaced resize.wasm by one for another contract")
	e := d.wait(since, "resize", plugin.StageFailed)
	d.say("  failed at %s: %s", e.Stage, firstLines(e.Err, 2))
	d.check(d.serving("resize") == before, "it serves")
	d.say("  %s serves still", before)
}

// badPolicy takes from a plugin what it does not start without.
func (d *demo) badPolicy(ctx context.Context) {
	before := d.serving("record")
	since := d.told.mark()
	d.edit(`config: {database_url: "postgres://localhost/demo"}`, `config: {}`)
	d.say("took database_url from the policy of record")
	err := d.review(ctx)
	d.check(err != nil && d.serving("record") == before, "the plugin runs without it")
	e := d.wait(since, "record", plugin.StageFailed)
	d.say("  failed at %s: %v", e.Stage, e.Err)
	d.edit(`config: {}`, `config: {database_url: "postgres://localhost/demo"}`)
	d.check(d.review(ctx) == nil, "the policy that it had is refused")
	d.say("  %s serves still, by the policy that it had", before)
}

// goodCanary tries a revision out that is as good as the one before.
func (d *demo) goodCanary(context.Context) {
	since := d.told.mark()
	d.put("label", append(guest("c/image-processor"), 0, 2, 1, 'a')) // a section that nothing reads
	d.say("replaced label.wasm: the same code, of another build")
	e := d.wait(since, "label", plugin.CanaryStarted)
	before := d.load.now()
	d.say("  %s: %s", e.Revision, e.Text)
	before = d.showShare(before, 0.1, d.wait(since, "label", plugin.CanaryMoved))
	e = d.wait(since, "label", plugin.Promoted)
	d.showShare(before, 0.5, e)
	d.check(d.serving("label") == e.Revision, "it does not serve")
	d.say("  %s serves all users", e.Revision)
}

// showShare tells what share of the requests went to what was tried out, up to an
// event.
func (d *demo) showShare(before counts, want float64, e plugin.Event) (now counts) {
	now = d.load.now()
	share := float64(now.canary-before.canary) / float64(max(now.labelled-before.labelled, 1))
	d.say("  of %d requests for label, %.0f%% went to it; then: %s %s", now.labelled-before.labelled, 100*share, e.Kind, e.Text)
	d.check(share > want/3 && share < want*2, "a share of %.2f, want %.2f", share, want)
	return now
}

// badCanary tries a revision out that traps on some inputs.
func (d *demo) badCanary(context.Context) {
	good := d.serving("label")
	since := d.told.mark()
	d.put("label", guest("broken/hostile"))
	d.say("replaced label.wasm by one that traps on one input of %d", poison)
	started := d.wait(since, "label", plugin.CanaryStarted)
	before := d.load.now()
	d.say("  %s: %s", started.Revision, started.Text)
	e := d.wait(since, "label", plugin.RolledBack)
	d.say("  %s", e.Text)
	d.wait(since, "label", plugin.Drained) // and clients have the answers
	time.Sleep(100 * time.Millisecond)
	now := d.load.now()
	share := float64(now.canary-before.canary) / float64(max(now.labelled-before.labelled, 1))
	d.say("  of %d requests for label, %.0f%% had gone to it; %d failed there, and were served by %s", now.labelled-before.labelled, 100*share, now.again-before.again, good)
	d.check(d.serving("label") == good && now.again > before.again, "it was not seen to fail")
	d.check(d.told.count(since, "label", plugin.Promoted) == 0, "it was promoted")
	for _, q := range d.slots["label"].Status().Quarantine {
		d.say("  in quarantine: %s, failed at %s", q.Digest.Short(), q.Stage)
	}
}

// backByHand goes back to what was served before, as the button of the operators'
// page does.
func (d *demo) backByHand(ctx context.Context) {
	before := d.serving("label")
	since := d.told.mark()
	status, err := d.operate(ctx, url.Values{"slot": {"label"}, "do": {"rollback"}, "revision": {before}, "reason": {"the labels are too long"}})
	d.check(err == nil && status == http.StatusNoContent, "no way back: %d, %v", status, err)
	e := d.wait(since, "label", plugin.RolledBack)
	d.say("rolled label back by hand (%s): %s serves, as at the beginning", e.Text, d.serving("label"))
	d.check(d.serving("label") != before, "it still serves")
	time.Sleep(300 * time.Millisecond)
}

// operate sends a form to the operators' page, as a program that has the token.
func (d *demo) operate(ctx context.Context, form url.Values) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"/admin/act", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+d.Token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := d.load.client.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// showCounts tells what the clients saw.
func (d *demo) showCounts() {
	seen := d.load.now()
	took := time.Since(d.began)
	d.say("the clients stop: %d requests served, %d failed, %.0f a second", seen.served, seen.failed, float64(seen.served)/took.Seconds())
	for _, c := range d.host.List() {
		d.say("  %s was served by %d revisions", c.Name(), len(seen.revisions[c.Name()]))
	}
	d.check(seen.failed == 0, "requests failed: %s", strings.Join(d.load.errors, "; "))
	d.check(seen.served > 100, "there was no load")
}

// denial has a plugin call a function that it may not call any more.
func (d *demo) denial(ctx context.Context) {
	d.edit("emit-event\": {per_call: 1}", "emit-event\": {deny: true}")
	since := d.told.mark()
	err := d.review(ctx)
	d.check(err == nil, "no policy: %v", err)
	d.say("denied record the function emit-event, and sent it a request")
	_, err = d.load.post("record", "", "cat.png")
	d.check(err != nil && strings.Contains(err.Error(), "502"), "it was answered: %v", err)
	e := d.wait(since, "record", plugin.DeniedUse)
	d.say("  %s", strings.ReplaceAll(e.Text, d.Dir+string(filepath.Separator), ""))
	d.edit("emit-event\": {deny: true}", "emit-event\": {per_call: 1}")
	d.check(d.review(ctx) == nil, "the policy that it had is refused")
	_, err = d.load.post("record", "", "cat.png")
	d.check(err == nil, "it may call the function again, but %v", err)
}

// afterRestart has what served serve, and what failed be left alone.
func (d *demo) afterRestart(before map[string]string) {
	d.say("ended, and started again in the same directory:")
	d.showPlugins()
	for name, was := range before {
		d.check(d.serving(name) == was, "%s served %s before", name, was)
	}
	d.say("  the same, though resize.wasm and label.wasm are files that failed")
}

// serving returns what serves most users of a plugin.
func (d *demo) serving(name string) string { return d.slots[name].Status().Stable.Digest.Short() }

func (d *demo) path(name string) string { return filepath.Join(d.Dir, "plugins", name+".wasm") }

// put replaces a plugin's file at once.
func (d *demo) put(name string, wasm []byte) {
	next := d.path(name) + ".next"
	err := os.WriteFile(next, wasm, 0o644)
	if err == nil {
		err = os.Rename(next, d.path(name))
	}
	d.check(err == nil, "%v", err)
}

// edit changes the policy.
func (d *demo) edit(from, to string) {
	path := filepath.Join(d.Dir, "policy.yaml")
	text, err := os.ReadFile(path)
	d.check(err == nil && strings.Count(string(text), from) == 1, "the policy has no %s: %v", from, err)
	err = os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o644)
	d.check(err == nil, "%v", err)
}

// wait waits for something to happen to a plugin.
func (d *demo) wait(since int, name string, kind plugin.EventKind) plugin.Event {
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if e, ok := d.told.find(since, name, kind); ok {
			return e
		}
	}
	d.check(false, "%s: waited for %q, which does not happen", name, kind)
	return plugin.Event{}
}

func guest(name string) []byte {
	wasm, err := guests.FS.ReadFile(name + ".wasm")
	if err != nil {
		panic(err) // the binary was made without its plugins
	}
	return wasm
}

// firstLines returns the first lines of an error in one.
func firstLines(err error, n int) string {
	lines := strings.Split(fmt.Sprint(err), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines[:min(n, len(lines))], " ")
}
