# A command that sees the classes of the client and its libraries: jackson is inside openapi-generator, the others are
# Debian's. A project of Maven or Gradle has the same by the generated pom.xml or build.gradle.
find src/main Scenario.java -name '*.java' > sources
libraries=/usr/share/java
CLASSPATH="classes:$(find ../venv -name openapi-generator.jar):$libraries/geronimo-annotation-1.3-spec.jar:$libraries/httpmime.jar"
export CLASSPATH
exec "$@"
