/** Loads libtorch, uses it a little (parallel kernels and autograd included), and ends. */

import { grad, torch } from '@hadal/tensor'

const x = torch.randn([64, 64]).requiresGrad_()
const [gradient] = grad(torch.matmul(x, x).relu().sum(), [x])
console.log(gradient!.shape.join('x'))
