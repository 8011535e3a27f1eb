/** @file The compiler as a library: text in; diagnostics, proved models, compiled steps and reports out. No IO and no tensors: it runs in a browser as it is. */
export { format, type Formatted } from '../grammar/format/format.js';
export { parse, parseExpression, type Parsed, type ParsedExpression } from '../grammar/parse.js';
export { nearest } from '../grammar/nearest.js';
export type { Span } from '../grammar/span.js';
export { check, type Checked, type CheckOptions, type SourceReader } from './check/check.js';
export { parseReportItem, type ReadItems } from './check/report-items.js';
export { diff, type Diff, type DiffSide } from './diff/diff.js';
export { formatDifferences, type Difference } from './diff/difference.js';
export { CODES } from './diagnostics/codes/index.js';
export type { CodeText } from './diagnostics/code-text.js';
export type { Diagnostic, Severity } from './diagnostics/diagnostic.js';
export { explain } from './diagnostics/explain.js';
export { diagnosticToJson, type DiagnosticJson } from './diagnostics/json.js';
export {
  renderDiagnostic,
  renderDiagnostics,
  type RenderOptions,
  type SourceText,
} from './diagnostics/render.js';
export { printProgram } from './export/artifact.js';
export { graphModel, type Weights } from './export/graph-model.js';
export { ExportError } from './export/writer.js';
export type { Graph, Node, Output, Shape, Type } from './graph/graph.js';
export { GraphSyntaxError, parseGraph } from './graph/parse.js';
export { printGraph } from './graph/print.js';
export { verifyGraph } from './graph/verify.js';
export type { BoundExperiment, BoundStage, DataIR, ExperimentIR, ReportIR } from './model/experiment.js';
export { bindExperiment, experimentFromJson, experimentToJson } from './model/experiment-json.js';
export type { GroupIR, LossIR, ModelIR, ParameterIR, StageIR, StepIR } from './model/ir.js';
export { modelFromJson, modelToJson } from './model/json.js';
export { findTap, type Found } from './model/taps.js';
export { ModelFormatError } from './model/format-error.js';
export { printModel } from './model/print.js';
export { verifyModel } from './model/verify.js';
export { TRAINING_PASSES } from './passes/pipeline.js';
export { makePlan } from './plan/make-plan.js';
export type { Instruction, Plan } from './plan/plan.js';
export { predictPeak, type Peak } from './plan/predict-peak.js';
export {
  compileEvaluation,
  compileExperiment,
  compileModel as compile,
  trainableStages,
  type CompiledStage,
  type CompiledStep,
  type CompileOptions,
  type Program,
  type TrainableStage,
  type TrainableStep,
} from './program.js';
export { show, type Shown, type ShowOptions } from './show/show.js';
export { formatStats, programStats, type ProgramStats } from './stats.js';
export {
  adjointReport,
  formatRouteMatrix,
  routeMatrix,
  routesTitle,
  type RouteMatrix,
} from './routing/report.js';
export { cpu as cpuTarget } from './targets/cpu.js';
export type { Target } from './targets/target.js';
export { wasm as wasmTarget } from './targets/wasm.js';
