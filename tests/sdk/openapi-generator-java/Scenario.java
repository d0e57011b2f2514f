import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import registry.ApiClient;
import registry.ApiException;
import registry.api.CertificatesApi;
import registry.api.CertificationBodiesApi;
import registry.api.ProductsApi;
import registry.api.TokensApi;
import registry.api.VerificationApi;
import registry.model.CertificateInput;
import registry.model.CertificateStep;
import registry.model.CertificateTransition;
import registry.model.CertifiedUnitInput;
import registry.model.PartyInput;
import registry.model.Problem;
import registry.model.Product;
import registry.model.QuestionVerdict;
import registry.model.ReportedStatusInput;
import registry.model.SchemeInput;
import registry.model.Verification;
import registry.model.VerificationQuestion;

/**
 * The registry from Java, with the client that openapi-generator makes.
 *
 * <p>java Scenario URL FOLDER: the folder holds the keys of the demo's clients.
 */
public final class Scenario {
  private static final String BODY = "CNCA-R-2006-148";
  private static final String NUMBER = "SDK/〔2026〕generator-java-1";

  private final String url;
  private final Path folder;
  private final ApiClient client = new ApiClient();

  private Scenario(String url, Path folder) {
    this.url = url;
    this.folder = folder;
    client.updateBaseUri(url);
  }

  public static void main(String[] arguments) throws Exception {
    new Scenario(arguments[0], Path.of(arguments[1])).run();
  }

  private void run() throws Exception {
    // Reads of what is public need no token. Search in Chinese:
    var products = new ProductsApi(client);
    var search = ProductsApi.APIListProductsRequest.newBuilder().q("内平开").build();
    check(!products.listProducts(search).getItems().isEmpty(), "nothing was found");
    check(readAll(products).size() >= 2, "a page is missing");

    // From here on as a certification body.
    var token = getToken("certification-body");
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + token).header("Accept-Language", "en"));

    // Push a certificate. The client encodes the number, whatever it holds.
    var bodies = new CertificationBodiesApi(client);
    var pushed = bodies.pushCertificateWithHttpInfo(push(NUMBER, record()));
    check(pushed.getData().getNumber().equals(NUMBER), "it was recorded as another");
    check(pushed.getHeaders().containsKey("content-location"), "it does not say where it is");
    check(verify().getEligibility().equals("eligible"), "it is not eligible");

    // A batch: each line has its own outcome, and one that is refused says why.
    var certificates = new CertificatesApi(client);
    var good = record().number("SDK/〔2026〕generator-java-2");
    var late = record().number("SDK/〔2026〕generator-java-3").validUntil(LocalDate.of(2020, 1, 1));
    var batch =
        certificates.pushCertificates(
            CertificatesApi.APIPushCertificatesRequest.newBuilder()
                .certificationBody(BODY)
                .mode("each")
                .idempotencyKey(UUID.randomUUID().toString())
                .certificateInput(List.of(good, late))
                .build());
    check(batch.getCreated() == 1 && batch.getRefused() == 1, "the batch came to something else");
    var fault = batch.getOutcomes().get(1).getErrors().get(0);
    check(fault.getSource().getPointer().equals("/valid_until"), "another field is at fault");

    // Take a step: the certificate is suspended from today, and the verdict follows.
    var step =
        certificates.stepCertificate(
            CertificatesApi.APIStepCertificateRequest.newBuilder()
                .id(pushed.getData().getId())
                .idempotencyKey(UUID.randomUUID().toString())
                .certificateTransition(new CertificateTransition().step(CertificateStep.SUSPEND).reason("0203"))
                .build());
    check(step.getReportedStatus().equals("02"), "it is not suspended");
    var suspended = verify();
    check(suspended.getEligibility().equals("not_eligible"), "it is still eligible");
    check(suspended.getReasons().get(0).getCode().equals("certificate_suspended"), "for another reason");

    // A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
    var wrong = record();
    wrong.getHolder().uscc("91230607716675409X");
    try {
      bodies.pushCertificate(push("SDK/〔2026〕generator-java-4", wrong));
      throw new AssertionError("it was taken");
    } catch (ApiException refused) {
      check(refused.getCode() == 422, "it is another status");
      var problem = client.getObjectMapper().readValue(refused.getResponseBody(), Problem.class);
      check(problem.getType().toString().endsWith("/problems/invalid"), "it is another problem");
      check(problem.getErrors().get(0).getSource().getPointer().equals("/holder/uscc"), "another field is at fault");
    }

    // A value that this client does not know, of a registry newer than it, is a text like any other.
    ObjectMapper json = client.getObjectMapper();
    var text = json.writeValueAsString(suspended).replace("certificate_suspended", "certificate_mislaid");
    var newer = json.readValue(text, QuestionVerdict.class);
    check(newer.getReasons().get(0).getCode().equals("certificate_mislaid"), "the reason is lost");
  }

  /** Reads all pages: `next` is the cursor of the next one, and absent on the last. */
  private static List<Product> readAll(ProductsApi products) throws ApiException {
    var found = new ArrayList<Product>();
    String cursor = null;
    do {
      var request = ProductsApi.APIListProductsRequest.newBuilder().limit(1L).cursor(cursor).build();
      var page = products.listProducts(request);
      found.addAll(page.getItems());
      cursor = page.getPage().getNext();
    } while (cursor != null);
    return found;
  }

  /** A certificate as its body records it. */
  private static CertificateInput record() {
    return new CertificateInput()
        .scheme(SchemeInput.STAR_CERTIFICATION)
        .kind("gbm-09")
        .star(3)
        .holder(new PartyInput().name("大庆示例门窗有限公司"))
        .productName("内平开塑料窗")
        .addUnitsItem(new CertifiedUnitInput().name("65系列内平开窗").addModelsItem("65系列"))
        .issuedOn(LocalDate.of(2026, 1, 5))
        .validUntil(LocalDate.of(2031, 1, 4))
        .reportedStatus(ReportedStatusInput.VALID);
  }

  private static CertificationBodiesApi.APIPushCertificateRequest push(String number, CertificateInput record) {
    return CertificationBodiesApi.APIPushCertificateRequest.newBuilder()
        .certificationBody(BODY)
        .number(number)
        .certificateInput(record)
        .build();
  }

  /** The verdict on the certificate, today. */
  private QuestionVerdict verify() throws ApiException {
    var question = new VerificationQuestion().certificateNumber(NUMBER).certificationBody(BODY);
    var request =
        VerificationApi.APIVerifyRequest.newBuilder().verification(new Verification().addItemsItem(question)).build();
    return new VerificationApi(client).verify(request).getVerdicts().get(0);
  }

  /** A token by private_key_jwt: the client signs who it is with its own key, once for each token. */
  private String getToken(String name) throws Exception {
    var request =
        TokensApi.APIIssueTokenRequest.newBuilder()
            .grantType("client_credentials")
            .clientAssertionType("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .clientAssertion(assertion(name))
            .build();
    return new TokensApi(client).issueToken(request).getAccessToken();
  }

  /** A JWT; a library for JWT does the same. */
  private String assertion(String name) throws Exception {
    var json = new ObjectMapper();
    JsonNode clients = json.readTree(folder.resolve("clients.json").toFile());
    var id = clients.get(name).asText();
    // `aud` is the issuer, exactly as /.well-known/oauth-authorization-server names it.
    var claims =
        Map.of(
            "iss", id, "sub", id, "aud", url,
            "jti", UUID.randomUUID().toString(), "exp", Instant.now().getEpochSecond() + 60);
    var signed = encode("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8)) + "." + encode(json.writeValueAsBytes(claims));
    var pem = Files.readString(folder.resolve(name + ".pem")).replaceAll("-----[A-Z ]+-----|\\s", "");
    var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
    var signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(key);
    signature.update(signed.getBytes(StandardCharsets.UTF_8));
    return signed + "." + encode(signature.sign());
  }

  private static String encode(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
