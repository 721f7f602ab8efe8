/** Operations that PyTorch refuses: tensors on other devices, of other types or shapes, gradients that cannot be computed. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedJobs } from '../consequences.ts'
import { torchCuda } from '../sources.ts'

const autograd = {
  title: 'PyTorch: autograd mechanics',
  url: 'https://docs.pytorch.org/docs/stable/notes/autograd.html',
}

export const tensorCauses: readonly Cause[] = [
  {
    id: 'torch_devices_differ',
    family: 'python',
    title: 'Tensors lie on different devices',
    severity: 'error',
    weight: 5,
    shows: [
      /Expected all tensors to be on the same device, but (?:found at least two devices, (?<one>[\w:]{1,16}) and (?<other>[\w:]{1,16})|got \w{1,30} is on (?<first>[\w:]{1,16}), different from other tensors on (?<rest>[\w:]{1,16}))/,
      /Input type \((?<one>[\w.]{1,40})\) and weight type \((?<other>[\w.]{1,40})\) should be the same/,
    ],
    explains: endedJobs,
    says: ({ one, other, first, rest }) =>
      `An operation got tensors that do not go together: ${one ?? first ?? 'one'} and ${other ?? rest ?? 'another'}. Mostly the model or the batch was not moved.`,
    fix: advice(
      'Move both to the same device and type before the call, the batch as well as the model; tensors made in forward() need device=x.device.',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_types_differ',
    family: 'python',
    title: 'Tensors are of different types',
    severity: 'error',
    weight: 5,
    shows: [
      /expected scalar type (?<one>\w{1,20}) but found (?<other>\w{1,20})/,
      /expected m1 and m2 to have the same dtype, but got: (?<one>[\w: ]{1,30}) != (?<other>[\w: ]{1,30})/,
      /mat1 and mat2 must have the same dtype, but got (?<one>\w{1,20}) and (?<other>\w{1,20})/,
      /"\w{1,60}" not implemented for '(?<one>Half|BFloat16|Long|Int|Bool|Byte|Double|ComplexFloat)'/,
    ],
    explains: endedJobs,
    says: ({ one, other }) =>
      other === undefined
        ? `The operation does not exist for ${one ?? 'this type'} on this device.`
        : `An operation got tensors of the types ${one ?? '?'} and ${other}.`,
    fix: advice(
      'Cast one of them, or run inside torch.autocast(device, dtype=torch.bfloat16); half precision on the CPU lacks many operations.',
    ),
    source: torchCuda,
  },
  {
    id: 'torch_shapes_differ',
    family: 'python',
    title: 'Shapes of tensors do not fit',
    severity: 'error',
    weight: 5,
    shows: [
      /mat1 and mat2 shapes cannot be multiplied \((?<one>\d{1,9}x\d{1,9}) and (?<other>\d{1,9}x\d{1,9})\)/,
      /The size of tensor a \((?<one>\d{1,12})\) must match the size of tensor b \((?<other>\d{1,12})\) at non-singleton dimension/,
      /shape '(?<one>\[[\d, -]{1,80}\])' is invalid for input of size (?<other>\d{1,15})/,
      /Sizes of tensors must match except in dimension/,
      /stack expects each tensor to be equal size, but got (?<one>\[[\d, ]{1,60}\]) at entry \d{1,6} and (?<other>\[[\d, ]{1,60}\])/,
    ],
    explains: endedJobs,
    says: ({ one, other }) =>
      `An operation got shapes that do not fit${withFigure(one, (text) => `: ${text} and ${other ?? '?'}`)}.`,
    fix: advice(
      'Print the shapes before the line that the stack names; a batch with sequences of different length needs padding.',
    ),
    source: {
      title: 'PyTorch: broadcasting semantics',
      url: 'https://docs.pytorch.org/docs/stable/notes/broadcasting.html',
    },
  },
  {
    id: 'torch_autograd',
    family: 'python',
    title: 'The gradient cannot be computed',
    severity: 'error',
    weight: 5,
    shows: [
      /one of the variables needed for gradient computation has been modified by an inplace operation/,
      /Trying to backward through the graph a second time/,
      /element 0 of tensors does not require grad and does not have a grad_fn/,
      /Expected to have finished reduction in the prior iteration before starting a new one/,
    ],
    explains: endedJobs,
    says: plainly(
      'The program changed or freed what the backward pass needs, or left out parameters that it expects.',
    ),
    fix: advice(
      'Run once with torch.autograd.set_detect_anomaly(True), which names the operation; with DDP, unused parameters need find_unused_parameters=True.',
    ),
    source: autograd,
  },
]
