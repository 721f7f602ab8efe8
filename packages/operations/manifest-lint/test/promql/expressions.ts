/** Expressions as they stand in rule files and dashboards of clusters with GPUs, and such as people get wrong. */

export const goodExpressions: readonly string[] = `
histogram_quantile(0.99, sum by (le, model_name) (rate(vllm:e2e_request_latency_seconds_bucket[5m]))) > 0.5
sum by (model_name) (vllm:num_requests_waiting) > 10
max by (model) (max_over_time(DCGM_FI_DEV_GPU_UTIL[5m])) < 30 and min by (model) (count_over_time(DCGM_FI_DEV_GPU_UTIL[5m])) >= 18
sum(rate(http_requests_total{job="api",code=~"5.."}[5m])) / sum(rate(http_requests_total{job="api"}[5m])) > 0.01
absent(up{job="prometheus"}) == 1
up == 0
1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[5m]))
label_replace(up, "host", "$1", "instance", "([^:]+):.*")
label_join(up, "joined", "-", "job", "instance")
label_join(up, "joined", "-")
sum by (namespace) (kube_pod_container_resource_requests{resource="nvidia_com_gpu",unit="integer"})
kube_deployment_status_replicas_available != kube_deployment_spec_replicas
node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"} / node_filesystem_size_bytes * 100 < 10
predict_linear(node_filesystem_free_bytes[6h], 4 * 3600) < 0
rate(foo[5m] offset 1w)
foo - foo offset 1h
foo / -foo offset 5m > 2
foo > foo @ end() offset 1d
max_over_time(foo[1h:]) - -sum_over_time(foo[5m])
min_over_time((a + b)[1h:])
rate(foo[5m] offset -1h)
foo @ 1609746000
foo @ start()
rate(foo[5m] @ end())
sum_over_time(foo[1h:5m])
max_over_time(rate(foo[5m])[1h:])
max_over_time(rate(foo[5m])[1h30m:1m] offset 1d @ end())
topk(5, sum by (pod) (container_memory_working_set_bytes))
topk by (node) (3, node_load1)
bottomk(2, node_load1)
quantile(0.95, node_load1)
quantile by (dc) (0.95, node_load1)
count_values("version", build_version)
count_values by (job) ("version", build_version)
count by (job) (up == 1)
group(up)
stddev(node_load1) + stdvar(node_load1)
up * on(instance) group_left(nodename) node_uname_info
up * ignoring(mode) group_right node_info
up and on(job) absent(x)
up or vector(0)
up unless on() maintenance
vector(1)
time() - process_start_time_seconds > 3600
day_of_week() == 0
hour(timestamp(up))
minute()
1 > bool 2
up > bool 0
-up
-(up + 1) ^ 2
2 ^ 3 ^ 2
0x1f + 1e3 - .5
Inf
NaN
"a string"
'a \\'quoted\\' string'
\`raw \\d\`
{__name__="up"}
{__name__=~"job:.*:rate5m",job="x"}
{job="x",}
job:http_requests:rate5m{job="a"}
:odd:name
foo{bar!=""}
foo{bar=""}
foo{}
foo{a="1",a!="2"}
sum(foo) by (a, b,)
sum by () (foo)
SUM(foo) BY (bar)
avg(foo{x="é"})
foo # a comment
clamp(foo, 0, 1)
clamp_max(foo, 1) + clamp_min(foo, scalar(bar))
round(foo)
round(foo, 0.1)
changes(foo[1h]) + resets(foo[1h]) + delta(foo[1h]) + idelta(foo[1h]) + deriv(foo[1h])
irate(foo[1m])
increase(foo[1d])
quantile_over_time(0.9, foo[1h])
holt_winters(foo[1h], 0.5, 0.5)
histogram_fraction(0, 0.2, rate(foo[5m]))
histogram_avg(foo) + histogram_count(foo) + histogram_sum(foo) + histogram_stddev(foo)
present_over_time(foo[1h]) + last_over_time(foo[1h]) + absent_over_time(foo[1h])
sgn(foo) + sqrt(foo) + ln(foo) + log2(foo) + log10(foo) + exp(foo) + abs(foo) + ceil(foo) + floor(foo)
sin(foo) + cosh(foo) + deg(foo) + pi()
foo atan2 bar
foo % 2 + foo / 2
sort_desc(foo)
days_in_month(foo)
(((foo)))
foo{a=~"(?i)x|y",b!~"a{2,3}"}
foo{a=~"\\\\d+\\\\.\\\\d"}
foo{instance=~"[a-z]+-[0-9]{1,3}(:\\\\d+)?"}
sum(sum_over_time((DCGM_FI_DEV_GPU_UTIL < 101)[10m:])) / 60
(sum(rate(a_total[1h])) / sum(rate(b_total[1h])) > (14.4 * 0.001)) and (sum(rate(a_total[5m])) / sum(rate(b_total[5m])) > (14.4 * 0.001))
sum(rate(hadal_http_requests_total{status=~"5..",route!="/health"}[30m])) by (route)
1 - (sum(rate(x_bucket{le="0.5"}[5m])) / sum(rate(x_count[5m])))
avg_over_time(DCGM_FI_PROF_GR_ENGINE_ACTIVE[5m]) * 100 > 70
DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE) > 0.95
count(kube_node_status_allocatable{resource="nvidia_com_gpu"} > 0) or vector(0)
{"foo.bar"}
{"foo"="bar"}
by
sum
start{a="b"}
bottomk
`
  .trim()
  .split('\n')

/** Comments at each place where one may stand. */
export const commentedExpressions: readonly string[] = [
  '# at the top\nsum(foo)',
  '# twice\n# over\nfoo # behind\n  > # between\n  1 # at the end',
  'sum # a\n by # b\n (c, # d\n e) # f\n ( # g\n foo # h\n )',
  'rate(foo{a="b", # c\n d="e"} # f\n [5m] # g\n offset # h\n 1h)',
  'foo * # a\n on(b) # c\n group_left(d) # e\n bar',
  '-# a\nfoo',
]

export const badExpressions: readonly string[] = `
rate(foo)
rate(foo[5m]
rate(foo[5m]))
sum(rate(foo[5m])) by job
sum by job (foo)
rate(sum(foo)[5m])
rate(sum(foo))
sum(foo[5m])
foo[5m] > 1
foo + foo[5m]
foo * 100 [1h:5m]
(foo + bar) offset 5m
foo * (bar) offset 5m
-foo[5m:] 
atan2
foo[5m][5m]
foo[5]
foo[5mm]
foo[1m1h]
foo[0s]
foo[]
foo[5m:0s]
foo[5x]
foo offset
foo offset 5
foo offset 0s
foo offset 1m offset 2m
sum(foo) offset 5m
foo offset 5m[1h]
foo @ 5 [1h]
foo @ 1 @ 2
foo @ inf
foo @ now()
{}
{job=""}
{job=~".*"}
{job!="x"}
{job!~"x"}
foo{__name__="bar"}
foo{job}
foo{job=}
foo{job="a" instance="b"}
foo{job=a}
foo{job=="a"}
foo{job=~"("}
foo{job=~"a(?!b)"}
foo{job=~"*"}
foo{job="a}
foo{job='a"}
foo{a-b="c"}
foo{,}
"unterminated
"bad \\q escape"
1 > 2
1 == 1
foo and 1
1 or 2
foo + "a"
"a" + "b"
-"a"
-foo[5m]
foo + bool bar
foo > bool
foo bar
foo bar baz
foo +
+ 
* foo
foo ** bar
foo = 1
foo => 1
foo =! 1
foo && bar
foo || bar
!foo
histogram_quantile(foo, 0.9)
histogram_quantile(0.9)
histogram_quantile(0.9, foo, bar)
histogram_quantile("0.9", foo)
histogram_quantle(0.9, foo)
label_replace(foo, "a", "b")
label_replace(foo, a, "b", "c", "d")
label_join(foo, "a")
round(foo, 1, 2)
round()
time(1)
pi(1)
vector(foo)
scalar(1)
clamp(foo, 0)
topk(foo)
topk(foo, 5)
topk(5)
quantile("0.9", foo)
count_values(5, foo)
count_values("x")
sum(foo, bar)
sum()
avg(1)
sum by (a) (foo) by (b)
sum by (a:b) (foo)
sum by ("a") (foo)
sum by (1) (foo)
sum without a (foo)
foo * on(a) group_left(a) bar
foo and on(a) group_left bar
foo * on bar
foo * group_left(a) bar
foo + on(a) 1
mad_over_time(foo[5m])
sort_by_label(foo, "a")
unknown(foo)
Rate(foo[5m])
rate (foo [5m] offset)
sum(foo,)
abs(foo,)
(foo
foo)
()
foo{
foo}
[5m]
5m
1h30m + 1
1foo
0x
1e
1_000
foo$
foo;
foo.bar
foo-bar{
foo["5m"]
limitk(2, foo)
first_over_time(foo[5m])
info(foo)
double_exponential_smoothing(foo[5m], 0.5, 0.5)
foo[5m+1m]
foo offset +5m
foo[$__interval]
increase(foo[$__range])
foo{job="$job"} > $threshold
on
bool
`
  .trim()
  .split('\n')
