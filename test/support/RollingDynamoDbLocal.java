import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.util.Map;
import software.amazon.dynamodb.services.local.server.DynamoDBProxyServer;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBRequestHandler;
import software.amazon.dynamodb.services.local.server.LocalDynamoDBServerHandler;
import software.amazon.dynamodb.services.local.shared.access.AmazonDynamoDBLocal;

/**
 * DynamoDB Local, in memory, with its shards under control, and with a database for each access key: the tables of one
 * database share their sequence numbers, and a shard that rolls over takes some of its neighbours'. Prints "port N" when it listens, then answers every line
 * of standard input with one line: "rollover" and "dilate MILLISECONDS" with "ok", or with "error" and a reason. It
 * ends when standard input does.
 */
public final class RollingDynamoDbLocal {
    /** A free port can be lost to another process before it is bound. */
    private static final int PORT_ATTEMPTS = 5;

    public static void main(String[] arguments) throws Exception {
        LocalDynamoDBRequestHandler handler = listen();
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            System.out.println(answer(handler, line.trim().split(" ")));
        }
        Runtime.getRuntime().halt(0);
    }

    private static LocalDynamoDBRequestHandler listen() throws Exception {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            LocalDynamoDBRequestHandler handler = new LocalDynamoDBRequestHandler(0, true, null, false, false);
            try {
                new DynamoDBProxyServer(port, new LocalDynamoDBServerHandler(handler, "*")).start();
                System.out.println("port " + port);
                return handler;
            } catch (IOException portTaken) {
                if (attempt == PORT_ATTEMPTS) throw portTaken;
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String answer(LocalDynamoDBRequestHandler handler, String[] command) {
        try {
            for (AmazonDynamoDBLocal engine : engines(handler).values()) {
                if (command[0].equals("rollover")) engine.triggerShardRollovers();
                else if (command[0].equals("dilate")) engine.dilateEventTimes(Long.parseLong(command[1]));
                else return "error unknown command " + command[0];
            }
            return "ok";
        } catch (Throwable failure) {
            return "error " + failure;
        }
    }

    /** The engine keeps its databases in a private map, and makes them at their first request. */
    @SuppressWarnings("unchecked")
    private static Map<String, AmazonDynamoDBLocal> engines(LocalDynamoDBRequestHandler handler) throws Exception {
        var field = LocalDynamoDBRequestHandler.class.getDeclaredField("dbRequestHandlers");
        field.setAccessible(true);
        return (Map<String, AmazonDynamoDBLocal>) field.get(handler);
    }
}
