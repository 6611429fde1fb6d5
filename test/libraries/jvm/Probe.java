import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import sun.misc.Signal;

/** What the tests ask of a Java virtual machine. Each method answers how often it came about. */
public final class Probe {
  private static final String[] NAMES = new String[65];
  private static final AtomicInteger[] COUNTS = new AtomicInteger[65];
  private static volatile boolean over;
  private static volatile long spun;

  static {
    NAMES[1] = "HUP";
    NAMES[2] = "INT";
    NAMES[15] = "TERM";
  }

  private int value;

  static int listen(int number) {
    AtomicInteger count = COUNTS[number] = new AtomicInteger();
    Signal.handle(new Signal(NAMES[number]), signal -> count.incrementAndGet());
    return 0;
  }

  static int received(int number) {
    return COUNTS[number].get();
  }

  /** Says so on the standard output when System.exit has been called. */
  static int tellExit(int ignored) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("shutdown hook")));
    return 0;
  }

  private static int read(Probe probe) {
    return probe.value;
  }

  private static int divide(int by) {
    return 1 / by;
  }

  private static int deepen(int depth) {
    return deepen(depth + 1) + 1;
  }

  static int nulls(int times) {
    int caught = 0;
    for (int i = 0; i < times; i++) {
      try {
        read(null);
      } catch (NullPointerException error) {
        caught++;
      }
    }
    return caught;
  }

  static int divisions(int times) {
    int caught = 0;
    for (int i = 0; i < times; i++) {
      try {
        divide(0);
      } catch (ArithmeticException error) {
        caught++;
      }
    }
    return caught;
  }

  static int nullsElsewhere(int times) throws InterruptedException {
    return elsewhere(() -> nulls(times));
  }

  static int overflowsElsewhere(int times) throws InterruptedException {
    return elsewhere(
        () -> {
          int caught = 0;
          for (int i = 0; i < times; i++) {
            try {
              deepen(0);
            } catch (StackOverflowError error) {
              caught++;
            }
          }
          return caught;
        });
  }

  /** Has a thread in compiled code brought to a stop, which it notices by a fault. */
  static int standstills(int times) throws InterruptedException {
    Thread spinning =
        new Thread(
            () -> {
              while (!over) spun++;
            });
    spinning.start();
    while (spun < 10_000_000) Thread.onSpinWait();
    for (int i = 0; i < times; i++) System.gc();
    over = true;
    spinning.join();
    return times;
  }

  private interface Task {
    int run();
  }

  private static int elsewhere(Task task) throws InterruptedException {
    AtomicReference<Integer> result = new AtomicReference<>(0);
    Thread thread = new Thread(() -> result.set(task.run()));
    thread.start();
    thread.join();
    return result.get();
  }
}
