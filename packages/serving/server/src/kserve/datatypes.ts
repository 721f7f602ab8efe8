/** KServe names of tensor data types. Pure. */

import type { TensorDtype } from '@hadal/engine'

const names: Readonly<Record<TensorDtype, string>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
}

const dtypes: ReadonlyMap<string, TensorDtype> = new Map(
  Object.entries(names).map(([dtype, name]) => [name, dtype as TensorDtype]),
)

export const datatypeOf = (dtype: TensorDtype): string => names[dtype]

/** Undefined for unsupported types (BF16). */
export const dtypeOf = (datatype: string): TensorDtype | undefined => dtypes.get(datatype)

export const datatypes: readonly string[] = [...dtypes.keys()]
