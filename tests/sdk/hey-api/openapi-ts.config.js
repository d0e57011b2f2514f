export default {
  input: '../openapi.yaml',
  output: { path: 'registry', module: { extension: '.js' } },
};
