import { describe, expect, test } from 'vitest'
import { builtIn } from '../../codegen/built-in.ts'
import { coreTable } from './generated/kubernetes-table.ts'
import { fieldsOf, kindSchema, knownKinds, type ValueSchema } from './schema-table.ts'

describe('the table', () => {
  test('is what the installed packages say', async () => {
    expect(JSON.parse(coreTable)).toEqual(await builtIn())
  })

  test('knows kinds, where they live, and what their fields are', () => {
    expect(kindSchema('apps/v1', 'Deployment')).toEqual({
      type: 'V1Deployment',
      isNamespaced: true,
      isBuiltIn: true,
    })
    expect(kindSchema('v1', 'Namespace')?.isNamespaced).toBe(false)
    expect(kindSchema('keda.sh/v1alpha1', 'ScaledObject')?.isBuiltIn).toBe(false)
    expect(kindSchema('extensions/v1beta1', 'Deployment')).toBeUndefined()
    expect(fieldsOf('V1Container').get('name')).toEqual({
      name: 'name',
      isRequired: true,
      type: { is: 'string' },
    })
    expect(fieldsOf('V1ResourceRequirements').get('limits')?.type).toEqual({
      is: 'map',
      of: { is: 'quantity' },
    })
    expect(fieldsOf('V1HTTPGetAction').get('port')?.type).toEqual({ is: 'intOrString' })
    expect(fieldsOf('monitoring.RuleGroup').get('rules')?.type).toEqual({
      is: 'list',
      of: { is: 'object', type: 'monitoring.Rule' },
    })
  })

  test('has every type that it refers to', () => {
    const seen = new Set<string>()
    const visit = (schema: ValueSchema): void => {
      if (schema.is === 'list' || schema.is === 'map') visit(schema.of)
      if (schema.is === 'object') enter(schema.type)
    }
    const enter = (type: string): void => {
      if (seen.has(type)) return
      seen.add(type)
      expect(fieldsOf(type).size, type).toBeGreaterThan(0)
      for (const field of fieldsOf(type).values()) {
        expect(field.type, `${type}.${field.name}`).toBeDefined()
        visit(field.type)
      }
    }
    for (const key of knownKinds()) {
      const at = key.lastIndexOf('/')
      enter(kindSchema(key.slice(0, at), key.slice(at + 1))!.type)
    }
    expect(seen.size).toBeGreaterThan(500)
  })
})
