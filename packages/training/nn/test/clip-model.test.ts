/** Dual encoder models in training: losses, records, adapters, 16 bits, fresh weights, and what is rejected. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AdapterSet,
  Clip,
  type ClipConfig,
  type ClipVitConfig,
  captionBatch,
  clipConfigIssues,
  clipParameterCount,
  clippedGradients,
  contrastiveLoss,
  createClip,
  hostState,
  initializeClip,
  largestLogitScale,
  layoutFor,
  loadClip,
  loraDefaults,
  MasterWeights,
  makeOptimizer,
  onDevice,
  PartParameters,
  planClip,
  type RunParts,
  readClipConfig,
  readOpenClipConfig,
  recomputed,
  replaceBatchNorms,
  runOnTape,
  saveClip,
  setTraining,
  Tape,
  towerOf,
  unsupportedLayers,
} from '@hadal/nn'
import { grad, manualSeed, noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectAllClose, expectClose } from '../../tensor/test/expect-close.ts'

const root = mkdtempSync(join(tmpdir(), 'hadal-clip-model-'))
beforeAll(() => setNumThreads(1))
afterAll(() => rmSync(root, { recursive: true }))

const encoder = {
  num_hidden_layers: 2,
  num_attention_heads: 2,
  layer_norm_eps: 1e-5,
  hidden_act: 'gelu',
} as const
const vit: ClipVitConfig = {
  ...encoder,
  hidden_size: 16,
  intermediate_size: 32,
  image_size: 16,
  patch_size: 8,
}
const config: ClipConfig = {
  model_type: 'clip',
  text_config: {
    ...encoder,
    hidden_size: 8,
    intermediate_size: 24,
    vocab_size: 20,
    max_position_embeddings: 7,
    eos_token_id: 19,
  },
  vision_config: vit,
  projection_dim: 6,
  logit_scale_init_value: Math.log(1 / 0.07),
}
const resNet: ClipConfig = {
  ...config,
  vision_config: { layers: [1, 1, 1, 1], width: 4, num_attention_heads: 4, image_size: 32 },
}

function fresh(of: ClipConfig = config, dtype: 'float32' | 'bfloat16' = 'float32'): Clip {
  manualSeed(1)
  const model = createClip(of, dtype)
  initializeClip(model)
  return model
}

const pixelsFor = (of: ClipConfig = config, count = 4): Tensor => {
  const size = of.vision_config.image_size
  manualSeed(2)
  return torch.randn([count, 3, size, size])
}
const captions = (): Tensor =>
  captionBatch([[3, 4], [5], [6, 7, 8], [9, 3]], { start: 18, end: 19, length: 7 })

const numbers = (tensor: Tensor): number[] => tensor.flatten().toArray() as number[]

/** 192 terms in a patch, 16 to 32 in each of 14 products that follow, and all of that again in the backward pass. */
const closeness = { roundings: 1500 }

describe('the contrastive loss', () => {
  it('has the values that it is known by', () => {
    const images = torch.tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0.6, 0.8, 0],
    ])
    const raw = torch.tensor([
      [1, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
    ])
    const texts = raw.div(torch.linalgVectorNorm(raw, { dim: [-1], keepdim: true }))
    const scale = torch.tensor(1 / 0.07)
    const half = contrastiveLoss(images, texts, { scale })
    // A loss is a difference of logits, which are as large as their scale.
    const closeness = { roundings: 10, scale: 1 / 0.07 }
    expectClose(half.image.item() as number, 4.945905, closeness)
    expectClose(half.text.item() as number, 1.766119, closeness)
    expectClose(half.loss.item() as number, 3.356012, closeness)
    const weighted = contrastiveLoss(images, texts, { scale, textWeight: 0.7, imageWeight: 0.3 })
    expectClose(weighted.loss.item() as number, 2.720055, closeness)
  })

  it('refuses what does not fit', () => {
    const [images, texts, scale] = [torch.zeros([2, 3]), torch.zeros([3, 3]), torch.tensor(1)]
    const thrown = (act: () => unknown, message: string): void => expect(act).toThrow(message)
    thrown(() => contrastiveLoss(images, texts, { scale }), 'texts_te has shape [3,3]; expected [2,3]')
    thrown(
      () => contrastiveLoss(images, texts, { scale, imageOfText: [0, 1, 2] }),
      'imageOfText[2] is 2; it must be the index of one of 2 images',
    )
    thrown(
      () => contrastiveLoss(images, texts, { scale, imageOfText: [0, 1, 1], textWeight: -1 }),
      'textWeight is -1; it must be at least 0',
    )
  })
})

describe('in training', () => {
  const loss = (model: Clip, images: Tensor, texts: Tensor): Tensor =>
    contrastiveLoss(images, texts, { scale: model.scale() }).loss

  const named = (model: Clip, tower: 'text' | 'image'): Map<string, Tensor> =>
    new Map([...model.parameters()].filter(([name]) => towerOf(name) === tower))

  it.each(['light', 'recomputed', 'whole towers'] as const)(
    'has the gradients of no records with records that are %s',
    (mode) => {
      scope(() => {
        const model = fresh()
        const [pixels, ids] = [pixelsFor(), captions()]
        const parameters = [...model.parameters().values()]
        const plain = grad(loss(model, model.embedImages(pixels), model.embedTexts(ids)), parameters)
        const tape = new Tape(1)
        const segments = (length: number): { parts: number; mode: 'light' | 'recomputed' }[] =>
          Array.from({ length }, () => ({ parts: 1, mode: mode === 'light' ? 'light' : 'recomputed' }))
        const run = (tower: 'text' | 'image'): RunParts =>
          runOnTape(tape, segments(4), new PartParameters(named(model, tower)))
        const whole = (tower: 'text' | 'image', input: Tensor, body: (x: Tensor) => Tensor): Tensor =>
          recomputed(tape, [input], [...named(model, tower).values()], (x) => [body(x!)])[0]!
        const images =
          mode === 'whole towers'
            ? whole('image', pixels, (x) => model.embedImages(x))
            : model.embedImages(pixels, run('image'))
        const texts =
          mode === 'whole towers'
            ? whole('text', ids, (x) => model.embedTexts(x))
            : model.embedTexts(ids, run('text'))
        const gradients = tape.gradients(loss(model, images, texts), parameters)
        expectAllClose(gradients, plain, closeness, [...model.parameters().keys()])
        expect(numbers(plain[0]!).some((value) => value !== 0)).toBe(true)
      })
    },
  )

  it('keeps what runs through records apart by layer and half', () => {
    scope(() => {
      const model = fresh()
      const own = new PartParameters(named(model, 'image'))
      const half = {
        project: () => [],
        mix: (x: readonly Tensor[]) => x[0]!,
        last: undefined,
        leave: undefined,
      }
      expect(own.of([{ ...half, layer: 1, kind: 'attention' }]).length).toBe(10)
      expect(own.of([{ ...half, layer: 0, kind: 'mlp' }]).length).toBe(6)
    })
  })

  it('learns adapters alone', () => {
    scope(() => {
      const model = fresh()
      const before = numbers(model.embedImages(pixelsFor()))
      const adapters = new AdapterSet(model)
      const targets = ['text_model.*.*.*.self_attn.q_proj', 'vision_model.encoder.layers.*.mlp.fc1']
      const lora = adapters.add('one', { ...loraDefaults, rank: 2, targets })
      adapters.activate({ one: 1 })
      expect([...lora.layers.keys()]).toEqual([
        'text_model.encoder.layers.0.self_attn.q_proj',
        'text_model.encoder.layers.1.self_attn.q_proj',
        'vision_model.encoder.layers.0.mlp.fc1',
        'vision_model.encoder.layers.1.mlp.fc1',
      ])
      const value = loss(model, model.embedImages(pixelsFor()), model.embedTexts(captions()))
      const trained = lora.parameters()
      const gradients = grad(value, [...trained.values()])
      noGrad(() => [...trained.values()].forEach((each, i) => void each.sub_(gradients[i]!)))
      expect(numbers(model.embedImages(pixelsFor()))).not.toEqual(before)
    })
  })

  it.each([
    ['LoRA', {}],
    ['rsLoRA', { rankStabilized: true }],
    ['DoRA', { dora: true }],
  ])('computes the same with %s merged into both encoders as with separate adapters', (_, kind) => {
    scope(() => {
      const model = fresh()
      const adapters = new AdapterSet(model)
      const lora = adapters.add('one', {
        ...loraDefaults,
        ...kind,
        rank: 2,
        targets: ['q_proj', 'out_proj', 'fc1'],
      })
      noGrad(() => {
        for (const each of lora.parameters().values()) each.add_(torch.randn([...each.shape]).mul(0.1))
      })
      adapters.activate({ one: 1 })
      const embedded = (): number[][] => [
        numbers(model.embedImages(pixelsFor())),
        numbers(model.embedTexts(captions())),
      ]
      const beside = embedded()
      adapters.merge()
      for (const [tower, merged] of embedded().entries()) expectClose(merged, beside[tower]!, closeness)
      adapters.unmerge()
      expect(embedded()).toEqual(beside)
      adapters.activate({})
      expect(Math.abs(embedded()[0]![0]! - beside[0]![0]!)).toBeGreaterThan(1e-3)
    })
  })

  it('computes in 16 bits what it computes in 32', () => {
    scope(() => {
      const wide = fresh()
      const narrow = createClip(config, 'bfloat16')
      const masters = new MasterWeights(narrow)
      noGrad(() => {
        for (const [name, master] of masters.masters) master.copy_(wide.parameters().get(name)!)
      })
      masters.publish()
      expect(narrow.logitScale.dtype).toBe('float32')
      for (const [ours, theirs] of [
        [narrow.embedImages(pixelsFor()), wide.embedImages(pixelsFor())],
        [narrow.embedTexts(captions()), wide.embedTexts(captions())],
      ] as const) {
        expect(ours.dtype).toBe('float32')
        for (const cosine of numbers(ours.mul(theirs).sum(1))) expect(cosine).toBeGreaterThan(0.999)
      }
      const value = loss(narrow, narrow.embedImages(pixelsFor()), narrow.embedTexts(captions()))
      for (const gradient of masters.gradients(value)) expect(gradient.dtype).toBe('float32')
    })
  })

  it.each(['text', 'image'] as const)('reports per-sample gradients of the %s encoder', (tower) => {
    scope(() => {
      const model = fresh()
      const parameters = named(model, tower)
      const x = tower === 'text' ? captions() : pixelsFor()
      const embed = (rows: Tensor): Tensor =>
        tower === 'text' ? model.embedTexts(rows) : model.embedImages(rows)
      const direction = torch.randn([4, 6])
      const clipped = (mode: 'exact' | 'book-keeping'): ReturnType<typeof clippedGradients> =>
        clippedGradients({
          samples: 4,
          clipping: { kind: 'flat', norm: 0.5 },
          mode,
          parameters: [...parameters.values()],
          names: [...parameters.keys()],
          loss: (_, sample) => {
            const rows = (all: Tensor): Tensor => (sample === undefined ? all : all.narrow(0, sample, 1))
            return embed(rows(x)).mul(rows(direction)).sum()
          },
        })
      const [found, wanted] = [clipped('book-keeping'), clipped('exact')]
      expectClose(found.norms, wanted.norms, closeness, 'norms')
      expect(wanted.clipped).toBe(4)
      expectAllClose(found.gradients, wanted.gradients, closeness, [...parameters.keys()])
    })
  })

  it('reports all layers of its encoders except batch norms', () => {
    scope(() => {
      expect(unsupportedLayers(fresh().visionModel)).toEqual([])
      expect(unsupportedLayers(fresh().textModel)).toEqual([])
      const tower = fresh(resNet).visionModel
      expect([...new Set(unsupportedLayers(tower).map(({ layer }) => layer))]).toEqual(['BatchNorm2d'])
      replaceBatchNorms(tower)
      expect(unsupportedLayers(tower)).toEqual([])
    })
  })

  it('keeps the logit scale where it may be', () => {
    scope(() => {
      const model = fresh()
      noGrad(() => model.logitScale.fill_(9))
      expectClose(model.scale().item() as number, 100, { roundings: 1, condition: largestLogitScale })
      model.clampLogitScale()
      expectClose(model.logitScale.item() as number, largestLogitScale, { roundings: 1 })
      noGrad(() => model.logitScale.fill_(-1))
      expect(model.scale().item()).toBe(1)
    })
  })

  it('moves the statistics of a ResNet in training alone', () => {
    scope(() => {
      const model = fresh(resNet)
      const mean = model.buffers().get('vision_model.bn1.running_mean')!
      model.embedImages(pixelsFor(resNet))
      expect(numbers(mean).every((value) => value === 0)).toBe(true)
      setTraining(model, true)
      model.embedImages(pixelsFor(resNet))
      expect(numbers(mean).some((value) => value !== 0)).toBe(true)
    })
  })

  it('brings pairs together', () => {
    scope(() => {
      const model = fresh()
      const optimizer = makeOptimizer(model.parameters(), { kind: 'adamw' })
      const parameters = [...model.parameters().values()]
      const step = (): number =>
        scope(() => {
          const value = loss(model, model.embedImages(pixelsFor()), model.embedTexts(captions()))
          optimizer.update(grad(value, parameters), 0.003)
          return value.item() as number
        })
      const losses = Array.from({ length: 40 }, step)
      expect(losses.at(-1)!).toBeLessThan(losses[0]! / 4)
    })
  })
})

it('begins as open_clip does', () => {
  scope(() => {
    const wide = (size: number) => ({ ...encoder, hidden_size: size, intermediate_size: 4 * size })
    const model = fresh({
      ...config,
      text_config: { ...config.text_config, ...wide(64), vocab_size: 500 },
      vision_config: { ...vit, ...wide(128) },
      projection_dim: 64,
      logit_bias_init_value: -10,
    })
    const parameters = model.parameters()
    const deviation = (name: string): number => parameters.get(name)!.std().item() as number
    const layer = 'encoder.layers.0'
    const wanted: Record<string, number> = {
      'text_model.embeddings.token_embedding.weight': 0.02,
      'text_model.embeddings.position_embedding.weight': 0.01,
      [`text_model.${layer}.self_attn.q_proj.weight`]: 64 ** -0.5,
      [`text_model.${layer}.self_attn.out_proj.weight`]: 64 ** -0.5 * 4 ** -0.5,
      [`text_model.${layer}.mlp.fc1.weight`]: 128 ** -0.5,
      [`text_model.${layer}.mlp.fc2.weight`]: 64 ** -0.5 * 4 ** -0.5,
      'text_projection.weight': 64 ** -0.5,
      'vision_model.embeddings.class_embedding': 128 ** -0.5,
      'vision_model.embeddings.position_embedding.weight': 128 ** -0.5,
      // Uniform: the bound over √3.
      'vision_model.embeddings.patch_embedding.weight': 1 / Math.sqrt(3 * 3 * 8 * 8),
      [`vision_model.${layer}.self_attn.k_proj.weight`]: Math.sqrt(6 / (4 * 128)) / Math.sqrt(3),
      [`vision_model.${layer}.self_attn.out_proj.weight`]: 1 / Math.sqrt(3 * 128),
      [`vision_model.${layer}.mlp.fc2.weight`]: 1 / Math.sqrt(3 * 512),
      'visual_projection.weight': 128 ** -0.5,
    }
    for (const [name, value] of Object.entries(wanted))
      expect(Math.abs(deviation(name) / value - 1), name).toBeLessThan(0.2)
    expect(
      numbers(parameters.get(`vision_model.${layer}.self_attn.q_proj.bias`)!).every((x) => x === 0),
    ).toBe(true)
    expectClose(model.logitScale.item() as number, Math.log(1 / 0.07), { roundings: 1 })
    expect(model.logitBias!.item()).toBe(-10)
  })
})

describe('what is refused', () => {
  it('is all that is wrong with a configuration at once', () => {
    const wrong: ClipConfig = {
      ...config,
      text_config: { ...config.text_config, num_attention_heads: 3, eos_token_id: 20 },
      vision_config: { ...vit, patch_size: 5, hidden_act: 'relu' as 'gelu', norm_after_pooling: true },
      projection_dim: 0,
      logit_scale_init_value: Number.NaN,
    }
    expect(clipConfigIssues(wrong)).toEqual([
      'text_config.hidden_size 8 does not divide into 3 heads (num_attention_heads)',
      'text_config.eos_token_id is 20; it must be an id below vocab_size 20, or null',
      'vision_config.hidden_act is relu; it must be "quick_gelu" or "gelu"',
      'vision_config.image_size 16 does not divide into patches of 5 (patch_size)',
      'vision_config.norm_after_pooling is true; it needs pooling "average"',
      'projection_dim is 0; it must be a whole number of at least 1',
      'logit_scale_init_value is NaN; it must be a finite number',
    ])
    expect(() => createClip(wrong)).toThrow('has 7 error(s)')
    const tower = { layers: [1, 1, 1], width: 5, num_attention_heads: 2, image_size: 40 }
    const towers = [
      tower,
      { ...tower, layers: [1, 1, 1, 1] },
      { ...tower, layers: [1, 1, 1, 1], width: 6, num_attention_heads: 5 },
    ]
    expect(towers.flatMap((each) => clipConfigIssues({ ...config, vision_config: each as never }))).toEqual([
      'vision_config.layers is [1,1,1]; it must be four whole numbers of at least 1',
      'vision_config.width is 5; it must be even',
      'vision_config.image_size is 40; it must be a multiple of 32',
      '32 vision_config.width 6 does not divide into 5 heads (num_attention_heads)',
      'vision_config.image_size is 40; it must be a multiple of 32',
    ])
  })

  it('is images and captions of another size', () => {
    scope(() => {
      const model = fresh()
      expect(() => model.embedImages(torch.zeros([1, 3, 8, 8]))).toThrow(
        expect.objectContaining({
          code: 'nn_images_misshapen',
          message: 'pixels have shape [1,3,8,8]; the image encoder requires [images, 3, 16, 16]',
        }),
      )
      expect(() => model.embedTexts(torch.zeros([1, 8], { dtype: 'int64' }))).toThrow(
        'a sequence of 8 tokens exceeds max_position_embeddings 7',
      )
    })
  })

  it('is a layout that cannot hold a model', () => {
    const all: ClipConfig = {
      ...config,
      text_config: { ...config.text_config, eos_token_id: null },
      vision_config: { ...vit, pooling: 'average', pre_norm: false, hidden_act: 'quick_gelu' },
      logit_bias_init_value: -10,
    }
    scope(() => {
      const weights = hostState(fresh(all))
      const thrown = (layout: 'hugging-face' | 'open-clip'): unknown => {
        try {
          return saveClip(join(root, 'refused'), all, weights, { layout })
        } catch (error) {
          return error
        }
      }
      expect(thrown('hugging-face')).toMatchObject({
        code: 'nn_clip_layout_unsupported',
        message: [
          'the layout hugging-face cannot represent this model:',
          'pooling "average" (vision_config)',
          'no norm before the first layer (vision_config.pre_norm)',
          'a bias of similarities (logit_bias_init_value)',
          'captions that are read at their highest id (text_config.eos_token_id null)',
        ].join('\n  - '),
      })
      expect(thrown('open-clip')).toMatchObject({ code: 'nn_clip_layout_unsupported' })
      expect([layoutFor(all), layoutFor(resNet), layoutFor(config)]).toEqual([
        'open-clip',
        'open-clip',
        'hugging-face',
      ])
      expect(() => saveClip(join(root, 'refused'), config, new Map())).toThrow('logit_scale is missing')
    })
  })

  it('is not written into a folder with another layout', () => {
    scope(() => {
      const weights = hostState(fresh(config))
      const folder = join(root, 'both')
      saveClip(folder, config, weights, { layout: 'hugging-face' })
      saveClip(folder, config, weights, { layout: 'hugging-face' })
      expect(() => saveClip(folder, config, weights, { layout: 'open-clip' })).toThrow(
        expect.objectContaining({ code: 'nn_clip_folder_taken' }),
      )
    })
  })

  it('is a folder with issues, each named', () => {
    expect(planClip(join(root, 'nowhere')).issues.map(({ code }) => code)).toEqual([
      'nn_checkpoint_file_missing',
      'nn_checkpoint_file_missing',
    ])
    const folder = join(root, 'narrower')
    scope(() => {
      saveClip(folder, config, hostState(fresh()))
      const json = { ...JSON.parse(JSON.stringify(readBack(folder))), projection_dim: 5 }
      writeFileSync(join(folder, 'config.json'), JSON.stringify(json))
    })
    expect(planClip(folder).issues.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'nn_checkpoint_shape_mismatch: visual_projection.weight has shape [6, 16]; the model expects [5, 16]',
      'nn_checkpoint_shape_mismatch: text_projection.weight has shape [6, 8]; the model expects [5, 8]',
    ])
    expect(() => loadClip(folder)).toThrow(': 2 error(s)')
  })
})

const readBack = (folder: string): object => ({
  model_type: 'clip',
  ...planClip(folder).config,
})

describe('configurations in files', () => {
  it("are CLIP's own where they say nothing", () => {
    const read = readClipConfig({ model_type: 'clip', text_config: {}, vision_config: { patch_size: 16 } })
    // openai/clip-vit-base-patch16
    expect(clipParameterCount(read).total).toBe(149_620_737)
    expect(read.text_config.eos_token_id).toBe(49_407)
  })

  it('count with what older files hold a second time', () => {
    const read = readClipConfig({
      model_type: 'clip',
      projection_dim: 768,
      text_config: { hidden_size: 512, eos_token_id: 2 },
      text_config_dict: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 },
      vision_config_dict: {
        hidden_size: 1024,
        intermediate_size: 4096,
        num_attention_heads: 16,
        num_hidden_layers: 24,
        patch_size: 14,
      },
    })
    // openai/clip-vit-large-patch14
    expect(clipParameterCount(read).total).toBe(427_616_513)
    expect(read.text_config.eos_token_id).toBe(null)
  })

  it.each([
    // Counts from open_clip's table of models, in millions.
    ['RN50', { image_size: 224, layers: [3, 4, 6, 3], width: 64, patch_size: null }, {}, 1024, 102.01],
    ['RN101', { image_size: 224, layers: [3, 4, 23, 3], width: 64, patch_size: null }, {}, 512, 119.69],
    ['ViT-B-32', { image_size: 224, layers: 12, width: 768, patch_size: 32 }, {}, 512, 151.28],
    [
      'ViT-H-14',
      { image_size: 224, layers: 32, width: 1280, head_width: 80, patch_size: 14 },
      { width: 1024, heads: 16, layers: 24 },
      1024,
      986.11,
    ],
  ])('of open_clip have the parameters of %s', (_, vision_cfg, text_cfg, embed_dim, millions) => {
    const read = readOpenClipConfig({ embed_dim, vision_cfg, text_cfg })
    expect(clipParameterCount(read).total / 1e6).toBeCloseTo(millions, 1)
    if (millions < 152) onDevice('meta', () => expect(new Clip(read).parameters().size).toBeGreaterThan(100))
  })

  it('that ask for another model are refused, all at once', () => {
    expect(() =>
      readOpenClipConfig({
        embed_dim: 8,
        multimodal_cfg: {},
        vision_cfg: { timm_model_name: 'vit', attentional_pool: true },
        text_cfg: { pool_type: 'last', no_causal_mask: true, hf_model_name: 'roberta' },
      }),
    ).toThrow(
      [
        'has 6 error(s):',
        'model_cfg.multimodal_cfg is {}; only null is supported',
        'vision_cfg.timm_model_name is "vit"; only null is supported',
        'vision_cfg.attentional_pool is true; only false is supported',
        'text_cfg.no_causal_mask is true; only false is supported',
        'text_cfg.hf_model_name is "roberta"; only null is supported',
        'text_cfg.pool_type is "last"; it must be "argmax" or "eos"',
      ].join('\n  - '),
    )
    expect(() => readClipConfig({ model_type: 'siglip', vision_config: { num_channels: 1 } })).toThrow(
      'model_type is "siglip"; it must be "clip"\n  - vision_config.num_channels is 1; only 3 is supported',
    )
  })
})
