/** Missing or incompatible shared libraries, extensions and modules, in Python and Node. */

import { advice, plainly, withFigure } from '../advice.ts'
import type { Cause } from '../cause.ts'
import { endedJobs } from '../consequences.ts'
import { cudaCompatibility, linkerPage, pythonErrors } from '../sources.ts'

export const libraryCauses: readonly Cause[] = [
  {
    id: 'library_symbol',
    family: 'python',
    title: 'Libraries of different versions do not fit together',
    severity: 'error',
    weight: 5,
    shows: [
      /(?<library>[^\s:]{1,300}\.(?:so[.\d]{0,12}|node)): undefined symbol: (?<symbol>[\w@.]{1,200})/,
      /\boperator (?<symbol>torchvision::\w{1,40}) does not exist/,
      /symbol lookup error: (?<library>[^\s:]{1,300}): undefined symbol: (?<symbol>[\w@.]{1,200})/,
    ],
    explains: ['node_addon_failed', ...endedJobs],
    says: ({ library, symbol }) =>
      `${withFigure(library, (path) => path.split('/').at(-1) ?? path) || 'A library'} was built against another version of what it needs: ${symbol ?? 'a symbol'} is not there.${/^torchvision::/.test(symbol ?? '') ? ' torchvision is of another version than PyTorch.' : /c10|torch/.test(symbol ?? '') ? ' The symbol is of libtorch.' : ''}`,
    fix: advice(
      'Install or build both for the same version; see that LD_LIBRARY_PATH brings no other copy.',
      'ldd LIBRARY; python3 -c "import torch; print(torch.__version__)"; echo "$LD_LIBRARY_PATH"',
    ),
    source: linkerPage,
  },
  {
    id: 'library_glibc',
    family: 'python',
    title: 'The system is older than what the program was built for',
    severity: 'error',
    weight: 5,
    shows: [
      /version [`'](?<symbol>(?:GLIBC|GLIBCXX|CXXABI|GCC|GOMP|OMP)_[\d.]{1,10})'? not found(?: \(required by (?<library>[^)]{1,300})\))?/,
    ],
    explains: ['node_addon_failed', ...endedJobs],
    says: ({ symbol, library }) =>
      `${withFigure(library, (path) => path.split('/').at(-1) ?? path) || 'A library'} needs ${symbol ?? 'a newer C library'}, and this system has an older one${symbol?.startsWith('GLIBCXX') || symbol?.startsWith('CXXABI') ? '; conda often puts its own older libstdc++ before it' : ''}.`,
    fix: advice(
      'Take a build for this system, or an image with a newer one.',
      'ldd --version | head -n 1; strings "$(gcc -print-file-name=libstdc++.so.6)" | grep GLIBCXX | tail -n 1',
    ),
    source: linkerPage,
  },
  {
    id: 'python_library_missing',
    family: 'python',
    title: 'A shared library is missing',
    severity: 'error',
    weight: 4,
    shows: [
      /(?<library>(?!libcuda\.so|libnvidia-ml)lib[\w.+-]{1,80}\.so[.\d]{0,12}): cannot open shared object file(?:: No such file or directory)?/,
      /error while loading shared libraries: (?<library>(?!libcuda\.so|libnvidia-ml)[\w.+-]{1,80}):/,
    ],
    explains: ['node_addon_failed', 'torch_cuda_unavailable', ...endedJobs],
    says: ({ library }) =>
      `${library ?? 'A library'} is not on the loader's path${/cudart|cublas|cudnn|nvrtc/.test(library ?? '') ? ': the program was built for a CUDA version whose libraries are not installed' : ''}.`,
    fix: advice(
      'Install the package that has it, in the version that the name says, or add its folder to LD_LIBRARY_PATH.',
      'ldconfig -p | grep LIBRARY; ldd PROGRAM | grep "not found"',
    ),
    source: linkerPage,
  },
  {
    id: 'torch_cuda_version',
    family: 'python',
    title: 'PyTorch and the CUDA toolkit are of different versions',
    severity: 'error',
    weight: 5,
    shows: [
      /The detected CUDA version \((?<found>[\d.]{1,8})\) mismatches the version that was used to compile(?: PyTorch \((?<built>[\d.]{1,8})\))?/,
      /CUDA_HOME environment variable is not set/,
    ],
    explains: endedJobs,
    says: ({ found, built }) =>
      found === undefined
        ? 'An extension is to be built, and no CUDA toolkit is found.'
        : `The toolkit is of CUDA ${found}, PyTorch was built with ${built ?? 'another'}: extensions built with it do not fit.`,
    fix: advice(
      "Set CUDA_HOME to a toolkit of PyTorch's version, or install the other PyTorch.",
      'nvcc --version; python3 -c "import torch; print(torch.version.cuda)"; export CUDA_HOME=/usr/local/cuda-VERSION',
    ),
    source: cudaCompatibility,
  },
  {
    id: 'numpy_abi',
    family: 'python',
    title: 'A package was built for another NumPy',
    severity: 'error',
    weight: 5,
    shows: [
      /A module that was compiled using NumPy 1\.x cannot be run in/,
      /numpy\.dtype size changed, may indicate binary incompatibility/,
      /numpy\.core\.multiarray failed to import/,
    ],
    explains: endedJobs,
    says: plainly('A package was built for another major version of NumPy than the one installed.'),
    fix: advice('Install a build for NumPy 2, or stay with NumPy 1.', 'pip install "numpy<2"'),
    source: {
      title: 'NumPy 2.0 migration guide',
      url: 'https://numpy.org/doc/stable/numpy_2_0_migration_guide.html',
    },
  },
  {
    id: 'python_module_missing',
    family: 'python',
    title: 'A Python module is missing',
    severity: 'error',
    shows: [
      /\bModuleNotFoundError: No module named '(?<module>[\w.]{1,120})'/,
      /\bImportError: cannot import name '(?<name>\w{1,120})' from (?:partially initialized module )?'(?<module>[\w.]{1,120})'/,
    ],
    explains: endedJobs,
    says: ({ module, name }) =>
      name === undefined
        ? `Python finds no module ${module ?? ''} in the environment that runs.`
        : `Module ${module ?? ''} has no ${name}: it is of another version than the program expects.`,
    fix: advice(
      'See which Python runs and what is installed in it.',
      'python3 -c "import sys; print(sys.executable)"; pip list',
    ),
    source: pythonErrors,
  },
]
