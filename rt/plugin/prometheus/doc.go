// Package prometheus has what plugins do as metrics of Prometheus.
//
//	metrics := prometheus.New(prometheus.Config{})
//	host, err := plugin.New(ctx, plugin.Config{Observer: metrics})
//	metrics.Read(host)
//	registry.MustRegister(metrics)
//
// What it counts as calls end:
//
//   - rt_call_duration_seconds, by plugin, arm and outcome: how long calls took
//     since they had an instance, and so how many there were. Those that had none
//     took no time.
//   - rt_call_fuel, by plugin and arm: what calls used that ran any code.
//   - rt_pool_wait_seconds, by plugin and arm: how long calls waited for an
//     instance, but for those that were refused at once.
//   - rt_instance_memory_bytes, by plugin and arm: what instances had of linear
//     memory as calls ended.
//   - rt_compile_duration_seconds, by plugin, with the wait for others.
//   - rt_reloads_total, by plugin, stage and result: "ok" and "rolled_back" at
//     stage "swap", "unchanged" at stage "check", and "failed" where it failed.
//   - rt_denials_total, by plugin and capability.
//
// What it reads from the host when it is asked:
//
//   - rt_instances, by plugin and state: "idle", "busy", and "stuck" for those
//     with a call of a replaced revision that does not end.
//   - rt_breaker_state, by plugin, arm and state: 1 for the one that it is in.
//   - rt_canary_weight, by plugin: the share of the keys, from 0 to 1.
//   - rt_host_calls_total, by plugin, function and outcome: up to 256 functions of a
//     plugin, by their names in policies, and the function "others".
//   - rt_plugin_info, by plugin, arm, digest, code and world, is 1. Digests are here and
//     nowhere else.
//
// Labels have the host's words alone, never a guest's.
package prometheus
