// Package otel has what plugins do as metrics and spans of OpenTelemetry.
//
//	telemetry, err := otel.New(otel.Config{})
//	host, err := plugin.New(ctx, plugin.Config{Observer: telemetry})
//	err = telemetry.Read(host)
//	defer telemetry.Close()
//
// What it records as calls end:
//
//   - rt.call.duration (s), by plugin, arm and outcome: how long calls took since
//     they had an instance, and so how many there were. Those that had none took no
//     time.
//   - rt.call.fuel, by plugin and arm: what calls used that ran any code.
//   - rt.pool.wait (s), by plugin and arm: how long calls waited for an instance,
//     but for those that were refused at once.
//   - rt.instance.memory (By), by plugin and arm: what instances had of linear
//     memory as calls ended.
//   - rt.compile.duration (s), by plugin, with the wait for others.
//   - rt.reloads, by plugin, stage and result: "ok" and "rolled_back" at stage
//     "swap", "unchanged" at stage "check", and "failed" where it failed.
//   - rt.denials, by plugin and capability.
//
// What it reads from the host when it is asked:
//
//   - rt.instances, by plugin and state: "idle", "busy", and "stuck" for those
//     with a call of a replaced revision that does not end.
//   - rt.breaker.state, by plugin, arm and state: 1 for the one that it is in.
//   - rt.canary.weight, by plugin: the share of the keys, from 0 to 1.
//   - rt.host_calls, by plugin, function and outcome: up to 256 functions of a plugin,
//     by their names in policies, and the function "others".
//   - rt.plugin.info, by plugin, arm, digest, code and world, is 1. Digests are here and
//     nowhere else among the metrics.
//
// Each call is a span, rt.call, a child of the caller's, and below it each call of a
// host function is one, rt.host_call, if the call's is recorded: what the function
// makes of its context is below that. That of a call has the plugin, the revision,
// its world, the arm, the outcome and what the call took; its status is an error if the plugin is
// to blame. That of a host function has the plugin, the function and the outcome.
//
// All of that are the host's words, never a guest's.
package otel
