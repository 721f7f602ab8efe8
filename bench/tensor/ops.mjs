// One turn of the comparison, here: prints microseconds for each case as JSON. Uses the built package, as users do.

import { grad, noGrad, scope, torch } from '@hadal/tensor'

const a = torch.randn([4, 4])
const b = torch.randn([4, 4])
const w = torch.randn([4, 4]).requiresGrad_()
const x = torch.randn([16, 8])
const y = torch.randn([16, 1])
const parameters = [torch.randn([8, 16]), torch.zeros([16]), torch.randn([16, 1])].map((p) =>
  p.requiresGrad_(),
)
const first = parameters.map((p) => torch.zerosLike(p))
const second = parameters.map((p) => torch.zerosLike(p))
const steps = parameters.map(() => torch.zeros([]))
const adamw = {
  lr: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  weightDecay: 0.01,
  eps: 1e-8,
  amsgrad: false,
  maximize: false,
}

function trainingStep() {
  const hidden = torch.addmm(parameters[1], x, parameters[0]).relu()
  const gradients = grad(torch.mseLoss(hidden.mm(parameters[2]), y), parameters)
  noGrad(() => {
    torch._foreachAdd_(steps, 1)
    torch._fusedAdamw_(parameters, gradients, first, second, [], steps, adamw)
  })
}

const cases = {
  relu: () => torch.relu(a),
  add: () => torch.add(a, b),
  'add, recorded for gradients': () => torch.add(w, b),
  'add a number': () => a.add(1.5),
  'multiply in place': () => a.mul_(1),
  'matrix product': () => a.mm(b),
  'sum over a dimension': () => a.sum(1),
  'sum, with options': () => torch.sum(a, 1, { keepdim: true }),
  softmax: () => a.softmax(-1),
  view: () => a.view([2, 8]),
  transpose: () => a.transpose(0, 1),
  'concatenate two': () => torch.cat([a, b], 0),
  'split in two': () => a.split(2),
  zeros: () => torch.zeros([4, 4]),
  'read the shape': () => a.shape,
  'training step of a tiny network': trainingStep,
}

/** Operators between two bulk frees. */
const perScope = 100

const results = {}
for (const [name, run] of Object.entries(cases)) {
  const loops = name.startsWith('training') ? 40 : 200
  const batch = () => {
    for (let i = 0; i < perScope; i++) run()
  }
  const samples = []
  for (let sample = 0; sample < 7; sample++) {
    const wall = process.hrtime.bigint()
    const cpu = process.cpuUsage()
    for (let i = 0; i < loops; i++) scope(batch)
    const { user, system } = process.cpuUsage(cpu)
    const count = loops * perScope
    samples.push([Number(process.hrtime.bigint() - wall) / 1000 / count, (user + system) / count])
  }
  const middle = (which) => samples.map((sample) => sample[which]).sort((p, q) => p - q)[3]
  results[name] = { wall: middle(0), cpu: middle(1) }
}
console.log(JSON.stringify(results))
