import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { z } from 'zod';

/*
 * MobileNetV2 with the weights of nsfwjs 4.4.0 (MIT; 8-bit weights that its package carries, in the layers format of TensorFlow.js) as an ONNX file: what comes before
 * the last three layers is its picture of an image, the last one tells five kinds of image apart.
 */

/** The part of ONNX's own schema (onnx.proto, version 10 of the format) that is written. */
const ONNX = protobuf.parse(
  `syntax = "proto2";
message Attribute { optional string name = 1; optional float f = 2; optional int64 i = 3; repeated int64 ints = 8; optional int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; optional string name = 3; optional string op_type = 4; repeated Attribute attribute = 5; }
message Tensor { repeated int64 dims = 1; optional int32 data_type = 2; optional string name = 8; optional bytes raw_data = 9; }
message Dim { optional int64 dim_value = 1; }
message Shape { repeated Dim dim = 1; }
message TypeTensor { optional int32 elem_type = 1; optional Shape shape = 2; }
message Type { optional TypeTensor tensor_type = 1; }
message Value { optional string name = 1; optional Type type = 2; }
message Graph { repeated Node node = 1; optional string name = 2; repeated Tensor initializer = 5; repeated Value input = 11; repeated Value output = 12; }
message OperatorSet { optional string domain = 1; optional int64 version = 2; }
message Model { optional int64 ir_version = 1; optional Graph graph = 7; repeated OperatorSet opset_import = 8; }`,
  { keepCase: true },
).root;
const FLOAT = 1;
const SIDE = 224;

const layerSchema = z.object({
  name: z.string(),
  class_name: z.string(),
  config: z.object({
    strides: z.array(z.number()).optional(),
    padding: z.unknown().optional(),
    pool_size: z.array(z.number()).optional(),
    use_bias: z.boolean().optional(),
    activation: z.string().optional(),
    epsilon: z.number().optional(),
    max_value: z.number().nullish(),
  }),
  inbound_nodes: z.array(z.array(z.tuple([z.string()]).rest(z.unknown()))),
});
type Layer = z.output<typeof layerSchema>;

const modelSchema = z.object({
  modelTopology: z.object({ model_config: z.object({ config: z.object({ layers: z.array(layerSchema) }) }) }),
  weightsManifest: z.array(
    z.object({
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.number()),
          quantization: z.object({ min: z.number(), scale: z.number(), dtype: z.literal('uint8') }),
        }),
      ),
    }),
  ),
});

interface Weights {
  shape: readonly number[];
  values: Float32Array;
}

/** Writes the model and its description for `openOnnxEncoder`; returns the model's file. */
export function writeNsfwModel(enginesFolder: string, folder: string): string {
  const load = createRequire(join(enginesFolder, 'package.json'));
  const at = (name: string): unknown => load(join(enginesFolder, 'node_modules/nsfwjs/dist/models/mobilenet_v2', name));
  const { modelTopology, weightsManifest } = modelSchema.parse(at('model.min.js'));
  const bytes = Buffer.from(z.string().parse(at('group1-shard1of1.min.js')), 'base64');
  const weights = new Map<string, Weights>();
  let start = 0;
  for (const { name, shape, quantization } of weightsManifest.flatMap((group) => group.weights)) {
    const size = shape.reduce((product, side) => product * side, 1);
    const { min, scale } = quantization;
    weights.set(name, {
      shape,
      values: Float32Array.from(bytes.subarray(start, start + size), (byte) => byte * scale + min),
    });
    start += size;
  }
  const graph = graphOf(modelTopology.model_config.config.layers, weights);
  const file = join(folder, 'nsfw-mobilenet-v2.onnx');
  const model = { ir_version: 10, graph, opset_import: [{ domain: '', version: 13 }] };
  writeFileSync(file, ONNX.lookupType('Model').encode(ONNX.lookupType('Model').fromObject(model)).finish());
  const description = {
    ...{ version: 1, name: 'nsfwjs 4.4.0 MobileNetV2', input: 'input_1', layout: 'nchw', width: SIDE, height: SIDE },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], output: 'features' },
  };
  writeFileSync(`${file}.json`, JSON.stringify(description));
  return file;
}

function graphOf(layers: readonly Layer[], weights: ReadonlyMap<string, Weights>): object {
  const nodes: object[] = [];
  const initializers: object[] = [];

  const constant = (name: string, dims: readonly number[], values: Float32Array): string => {
    initializers.push({
      name,
      dims,
      data_type: FLOAT,
      raw_data: Buffer.from(values.buffer, values.byteOffset, values.byteLength),
    });
    return name;
  };
  const weight = (name: string): Weights => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`the model has no ${name}`);
    return found;
  };
  const vector = (name: string): string => constant(name, weight(name).shape, weight(name).values);
  const node = (op_type: string, input: readonly string[], output: string, attribute: readonly object[] = []): void => {
    nodes.push({ op_type, input, output: [output], name: output, attribute });
  };
  const ints = (name: string, values: readonly number[]): object => ({ name, ints: values, type: 7 });
  const whole = (name: string, i: number): object => ({ name, i, type: 2 });

  /** Pads as TensorFlow does for `same`: what is left over goes to the right and bottom. All sides here divide by their stride. */
  const padsOf = ({ config: { padding, strides = [1, 1] } }: Layer, kernel: number): number[] => {
    const total = padding === 'same' ? Math.max(kernel - (strides[0] ?? 1), 0) : 0;
    const before = Math.floor(total / 2);
    return [before, before, total - before, total - before];
  };

  for (const layer of layers) {
    const { name, class_name, config } = layer;
    const inputs = (layer.inbound_nodes[0] ?? []).map(([from]) => from);
    switch (class_name) {
      case 'InputLayer':
        break;
      case 'ZeroPadding2D': {
        const [[top, bottom], [left, right]] = z
          .tuple([z.tuple([z.number(), z.number()]), z.tuple([z.number(), z.number()])])
          .parse(config.padding);
        const pads = new BigInt64Array([0, 0, top, left, 0, 0, bottom, right].map(BigInt));
        initializers.push({ name: `${name}/pads`, dims: [8], data_type: 7, raw_data: Buffer.from(pads.buffer) });
        node('Pad', [...inputs, `${name}/pads`], name);
        break;
      }
      case 'Conv2D':
      case 'DepthwiseConv2D': {
        const isDepthwise = class_name === 'DepthwiseConv2D';
        const kernel = weight(`${name}/${isDepthwise ? 'depthwise_kernel' : 'kernel'}`);
        const [height = 1, width = 1, inner = 1, outer = 1] = kernel.shape;
        const dims = isDepthwise ? [inner * outer, 1, height, width] : [outer, inner, height, width];
        const turned = constant(`${name}/kernel`, dims, kernelFirst(kernel));
        const bias = config.use_bias === false ? [] : [vector(`${name}/bias`)];
        const group = isDepthwise ? [whole('group', inner)] : [];
        const strides = ints('strides', config.strides ?? [1, 1]);
        node('Conv', [...inputs, turned, ...bias], name, [strides, ints('pads', padsOf(layer, height)), ...group]);
        break;
      }
      case 'BatchNormalization': {
        const parts = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((part) => vector(`${name}/${part}`));
        node('BatchNormalization', [...inputs, ...parts], name, [
          { name: 'epsilon', f: config.epsilon ?? 0.001, type: 1 },
        ]);
        break;
      }
      case 'ReLU': {
        const bounds = [
          constant(`${name}/low`, [], Float32Array.of(0)),
          constant(`${name}/high`, [], Float32Array.of(config.max_value ?? Infinity)),
        ];
        node('Clip', [...inputs, ...bounds], name);
        break;
      }
      case 'Add':
        node('Add', inputs, name);
        break;
      case 'AveragePooling2D':
        node('GlobalAveragePool', inputs, name);
        break;
      case 'Flatten':
        node('Flatten', inputs, 'features', [whole('axis', 1)]);
        node('Identity', ['features'], name);
        break;
      case 'Dropout':
        node('Identity', inputs, name);
        break;
      case 'Dense': {
        const kernel = weight(`${name}/kernel`);
        const product = `${name}/product`;
        node(
          'Gemm',
          [...inputs, constant(`${name}/kernel`, kernel.shape, kernel.values), vector(`${name}/bias`)],
          product,
        );
        node(config.activation === 'relu' ? 'Relu' : 'Softmax', [product], name);
        break;
      }
      default:
        throw new Error(`no layer ${class_name} is written`);
    }
  }
  const value = (name: string, shape: readonly number[]): object => ({
    name,
    type: { tensor_type: { elem_type: FLOAT, shape: { dim: shape.map((dim_value) => ({ dim_value })) } } },
  });
  const kinds = layers.at(-1)?.name ?? '';
  const output = [{ name: 'features' }, { name: kinds }];
  return {
    name: 'mobilenet_v2',
    node: nodes,
    initializer: initializers,
    input: [value('input_1', [1, 3, SIDE, SIDE])],
    output,
  };
}

/** From height, width, in, out (for a depthwise one: out for each in) to out, in, height, width. */
function kernelFirst({ shape, values }: Weights): Float32Array {
  const [height = 1, width = 1, inner = 1, outer = 1] = shape;
  const turned = new Float32Array(values.length);
  // A depthwise kernel has one outer member: both orders are the same there.
  for (let place = 0; place < height * width; place++) {
    for (let i = 0; i < inner; i++) {
      for (let o = 0; o < outer; o++) {
        turned[(o * inner + i) * height * width + place] = values[(place * inner + i) * outer + o] ?? 0;
      }
    }
  }
  return turned;
}
