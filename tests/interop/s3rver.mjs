// usage: node s3rver.mjs DIRECTORY BUCKET: serves until standard input ends; prints its port.
import S3rver from 's3rver';

const [directory, bucket] = process.argv.slice(2);
const server = new S3rver({ directory, address: '127.0.0.1', port: 0, silent: true, configureBuckets: [{ name: bucket }] });
const address = await server.run();
console.log(address.port);
process.stdin.on('end', () => process.exit(0)).resume();
