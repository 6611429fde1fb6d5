// sigbridge/debug.
const assert = require('node:assert/strict');
const http = require('node:http');
const sigbridge = require('sigbridge');
const { debugHandler, dump } = require('sigbridge/debug');

module.exports = {
  'the debug page shows how the signals stand': async () => {
    const handler = debugHandler();
    const server = http.createServer(handler);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const subscription = sigbridge.on('SIGHUP', () => {});
    const get = (file) => fetch(`http://127.0.0.1:${server.address().port}/${file}`);
    assert.match(await (await get('')).text(), /<title>/);
    const { signals } = await (await get('json')).json();
    assert.equal(signals.find(({ signal }) => signal === 'SIGHUP').owner, 'sigbridge');
    assert.match(String(dump()), /SIGHUP/);
    subscription.close();
    handler.close();
    server.close();
    server.closeAllConnections();
  },
};
