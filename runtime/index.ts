/** @file The library `ed2lc`: the compiler, and with it engines, data, training and evaluation. All that the command line does, a program can do. */
export * from '../compiler/index.js';
export {
  artifactName,
  load,
  writeArtifact,
  type ArtifactSource,
  type LoadedArtifact,
} from './artifacts/artifact.js';
export { ArtifactError } from './artifacts/errors.js';
export { COMPILER_VERSION } from './version.js';
export { inferenceFiles } from './artifacts/inference.js';
export { fileReader } from './artifacts/source-reader.js';
export { bytesOfTraining, capacityOf, freeMemory, type Capacity } from './crossval/capacity.js';
export {
  coordinate,
  type Coordinated,
  type CoordinateListener,
  type CoordinateOptions,
  type Job,
  type Standing,
} from './crossval/coordinate.js';
export { STOP, WORKER_VARIABLE, type Report } from './crossval/messages.js';
export { openCrossValidation, reopenCrossValidation, type Opened } from './crossval/open.js';
export { standingOf, type RunStanding, type TaskStanding } from './crossval/standing.js';
export { trainTask, type TaskOutcome, type TrainTaskOptions } from './crossval/train-task.js';
export type { Dataset, Dropped, Field, Sample } from './data/dataset.js';
export { CodecError, DataError, DataSaveError } from './data/errors.js';
export { circumstances } from './data/faces/circumstances.js';
export { contactSheet, writeSheet } from './data/faces/contact-sheet.js';
export { writeLayout, type LayoutName, type LayoutOrder } from './data/faces/layouts/write-layout.js';
export { writeFaces } from './data/faces/write-faces.js';
export { foldCount, foldOf, foldWarnings, heldOut, type Split } from './data/folds.js';
export { inspect, type Inspection } from './data/inspect.js';
export { prepare, type PrepareOptions } from './data/prepare.js';
export { Engine, openEngine, type EngineName, type Tensor } from './engines/engine.js';
export { physicalCores } from './engines/cores.js';
export { EngineError } from './engines/errors.js';
export { registerOneDnn, type OneDnnOptions } from './engines/onednn/open.js';
export { Executor } from './engines/executor.js';
export { bootstrapByPeople, bootstrapDifference, overlap, type Interval } from './evaluation/bootstrap.js';
export {
  accuracyOf,
  decisions,
  difference,
  evaluate,
  judge,
  judgedLabel,
  type Accuracy,
  type Decision,
  type Judgement,
} from './evaluation/evaluate.js';
export { formatConfusion, measure, percent, type Metrics } from './evaluation/metrics.js';
export { features, type EvaluationInput, type Rows } from './evaluation/predict.js';
export { pixels } from './evaluation/pixels.js';
export { pooledChannels, rowsOf, sideBySide, withUntrained } from './evaluation/feature-rows.js';
export { probeClass, probed, probePerson, type FeaturesOf } from './evaluation/probe-study.js';
export {
  chanceOf,
  classQuestion,
  controlOf,
  fieldQuestion,
  personQuestion,
  type Question,
} from './evaluation/questions.js';
export {
  spreadOf,
  spreadOverSeeds,
  summarize,
  type FoldAccuracy,
  type SeedResult,
  type Spread,
} from './evaluation/summary.js';
export { PairingError } from './evaluation/errors.js';
export { mcnemarExact, pair, type McNemar, type Paired } from './evaluation/paired.js';
export { probe, type ProbeData, type ProbeResult } from './evaluation/probe.js';
export { ResumeError, RunError } from './experiment/errors.js';
export { compareRuns, type ComparedRun, type Comparison } from './experiment/compare-runs.js';
export { evaluateRun, type EvaluatedRun } from './experiment/evaluate-run.js';
export { listRuns, type RunState, type RunSummary } from './experiment/list-runs.js';
export {
  loadRun,
  readResult,
  type RunRecord,
  type StoredResult,
  type StoredTask,
} from './experiment/record.js';
export {
  runExperiment,
  type RunListener,
  type RunOptions,
  type RunResult,
} from './experiment/run-experiment.js';
export type { Task, TaskSplit } from './experiment/tasks.js';
export type * from './report/report-data.js';
export { reportOf, type ReportOptions } from './report/report.js';
export { writeReport, type WrittenReport } from './report/write-report.js';
export { carryOver } from './parameters/carry.js';
export { initialise, type Parameters } from './parameters/initialise.js';
export { loadParameters, saveParameters } from './parameters/safetensors.js';
export { ParameterFileError } from './parameters/errors.js';
export { TrainingError } from './training/errors.js';
export type { StepState, TrainingState } from './training/state.js';
export {
  train,
  type EpochSummary,
  type IterationProgress,
  type Pause,
  type Trained,
  type TrainOptions,
} from './training/train.js';
export { Trainer, type Measured } from './training/trainer.js';
