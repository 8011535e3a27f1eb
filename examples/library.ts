/** @file The library on one page: check a spec, compile it, train it, and judge it on people it has not seen. */
import {
  check,
  compile,
  evaluate,
  fileReader,
  foldOf,
  heldOut,
  openEngine,
  prepare,
  renderDiagnostics,
  train,
} from 'ed2lc';

const [spec = 'examples/two_losses.ed2l'] = process.argv.slice(2);

const { experiments, diagnostics, sources } = check(spec, { reader: fileReader() });
process.stderr.write(renderDiagnostics(diagnostics, sources));
const [experiment] = experiments;
if (!experiment) throw new Error(`${spec} has no sound experiment`);
const { model, data } = experiment;
const [stage] = compile(model).stages;

const engine = await openEngine();
const dataset = await prepare(data, { cacheDir: null, baseDir: '.' });
const { train: seen, test: unseen } = heldOut(foldOf(dataset, data.folds!), 0);

const { parameters } = await train({
  engine,
  model,
  stage: stage!,
  dataset,
  indices: seen,
  data,
  onEpoch: ({ epoch, measured }) => console.log(`epoch ${epoch + 1}`, measured),
});
const judgement = await evaluate({ engine, model, parameters, dataset, data, indices: unseen });
console.log(`${judgement.accuracy} of ${judgement.n} images of ${judgement.people} new people`);
engine.close();
