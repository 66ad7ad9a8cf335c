// A client of the Tarsier daemon with nothing but Node's own modules:
//
//     for await (const event of events({ events: ['presence'], labels: ['cat'] })) console.log(event.type, event.label)
//
// Connections that end are made again; state events are asked for from where the last connection stopped.
import net from 'node:net';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PATH = process.env.TARSIER_SOCKET ?? '/run/tarsier/tarsier.sock';

export async function* events(subscription = {}, path = PATH) {
    let run = null, seen = 0, pause = 250;
    for (;;) {
        const resume = run ? { resume: { run, state_seq: seen } } : {};
        const socket = net.connect(path);
        // The end of the lines tells that the connection ended; an error must not end the program.
        socket.on('error', () => {});
        socket.write(JSON.stringify({ op: 'subscribe', ...subscription, ...resume }) + '\n');
        try {
            for await (const line of readline.createInterface({ input: socket })) {
                const message = JSON.parse(line);
                pause = 250;
                if (message.type === 'reply') {
                    if (!message.ok) throw new Error(message.error.message);
                    continue;
                }
                if (message.type === 'hello') {
                    if (message.run !== run) [run, seen] = [message.run, message.state_seq];
                } else if ('state_seq' in message) {
                    seen = Math.max(seen, message.state_seq);
                }
                yield message;
            }
        } catch (error) {
            if (!error.code) throw error;
        } finally {
            socket.destroy();
        }
        await sleep(pause);
        pause = Math.min(5000, pause * 2);
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const labels = process.argv.slice(2);
    for await (const event of events({ events: ['presence'], ...(labels.length ? { labels } : {}) })) {
        if (event.type === 'enter') console.log(event.ts, event.label, 'came');
        if (event.type === 'leave') console.log(event.ts, event.label, `went after ${(event.duration_ms / 1000).toFixed(1)} s`);
    }
}
