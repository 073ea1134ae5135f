/**
 * Starts one of the check programs of this folder: `java -cp DRIVER.jar tests/clients/java/Launch.java CheckValues` in the
 * project's folder. All source files of this folder are compiled into a temporary folder first, so that the programs can share Checks.java without a build tool.
 */
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.tools.ToolProvider;

public class Launch {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of("tests/clients/java");
    Path classes = Files.createTempDirectory("eider_java_");
    try {
      List<String> options = new ArrayList<>(List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-encoding", "UTF-8"));
      try (var files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".java") && !file.endsWith("Launch.java")).forEach(file -> options.add(file.toString()));
      }
      if (ToolProvider.getSystemJavaCompiler().run(null, null, System.err, options.toArray(String[]::new)) != 0) System.exit(2);
      try (var loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Launch.class.getClassLoader())) {
        loader.loadClass(args[0]).getMethod("main", String[].class).invoke(null, (Object) new String[] {folder.toString()});
      }
    } finally {
      try (var files = Files.walk(classes)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    }
    System.exit(Integer.getInteger("checks.failed", 0) > 0 ? 1 : 0);
  }
}
